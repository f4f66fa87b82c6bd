// Sentences with quantities → text. Names in them are untrusted: control characters are shown.

import type { Quantity, Said, SaidValue } from '../model/finding.js';
import { quoted } from './shell.js';
import { visible } from './visible.js';

/** The sentence; what is not known is `?`. */
export function sayText({ template, values }: Said): string {
  return template.replace(/\{(\w+)(?:\|([^|{}]*)\|([^|{}]*))?\}/g, (_, name: string, one?: string, many?: string) => {
    const value = values[name];
    const text = valueText(value);
    if (one === undefined || many === undefined) return text;
    return `${text} ${isOne(value) ? one : many}`;
  });
}

const isOne = (value: SaidValue) => typeof value === 'object' && 'value' in value && Number(value.value) === 1;

function valueText(value: SaidValue): string {
  if (value === undefined) return '?';
  if (typeof value === 'string') return visible(value);
  return 'argument' in value ? quoted(value.argument) : quantityText(value);
}

/**
 * As people read it.   bytes 1288490189 → 1.2 GiB   ratio 0.734 → 73 %   nanoseconds 1500000 → 1.5 ms   count 12345 → 12,345
 */
export function quantityText({ value, unit }: Quantity): string {
  switch (unit) {
    case 'bytes':
      return sizeText(Number(value));
    case 'bytes/s':
      return `${sizeText(Number(value))}/s`;
    case 'count':
      return grouped(value);
    case 'count/s':
      return `${Math.abs(Number(value)) >= 100 ? grouped(Math.round(Number(value))) : threeDigits(Number(value))}/s`;
    case 'nanoseconds':
      return timeText(Number(value));
    case 'seconds':
      return timeText(Number(value) * 1e9);
    case 'minutes':
      return Number(value) < 1 ? 'less than a minute' : timeText(Number(value) * 60e9);
    case 'cores':
      return `${threeDigits(Number(value))} ${Number(value) === 1 ? 'core' : 'cores'}`;
    case 'ratio':
      return percentText(Number(value));
    default:
      return unit satisfies never;
  }
}

const SIZES = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];

function sizeText(value: number): string {
  let size = Math.abs(value);
  let step = 0;
  while (size >= 1023.5 && step < SIZES.length - 1) {
    size /= 1024;
    step++;
  }
  const sign = value < 0 ? '-' : '';
  return `${sign}${step === 0 ? Math.round(size) : threeDigits(size)} ${SIZES[step]}`;
}

/** 1.23, 12.3, 123; no zeros at the end. */
function threeDigits(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const places = Math.abs(value) >= 99.95 ? 0 : Math.abs(value) >= 9.995 ? 1 : 2;
  const text = value.toFixed(places);
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

/** 12345 → 12,345 */
const grouped = (value: number | bigint) => String(value).replace(/(?<=\d)(?=(\d{3})+(\.|$))/g, ',');

function percentText(value: number): string {
  const percent = value * 100;
  if (percent !== 0 && Math.abs(percent) < 0.1) return percent > 0 ? '< 0.1 %' : '> -0.1 %';
  const text = Math.abs(percent) < 10 ? percent.toFixed(1).replace(/\.0$/, '') : percent.toFixed(0);
  return `${text} %`;
}

function timeText(nanos: number): string {
  const size = Math.abs(nanos);
  const sign = nanos < 0 ? '-' : '';
  if (size < 999.5) return `${sign}${Math.round(size)} ns`;
  if (size < 999.5e3) return `${sign}${threeDigits(size / 1e3)} µs`;
  if (size < 999.5e6) return `${sign}${threeDigits(size / 1e6)} ms`;
  if (size < 60e9) return `${sign}${threeDigits(size / 1e9)} s`;
  const minutes = size / 60e9;
  if (minutes < 119.5) return `${sign}${plain(minutes)} min`;
  const hours = minutes / 60;
  return hours < 47.5 ? `${sign}${plain(hours)} h` : `${sign}${plain(hours / 24)} days`;
}

const plain = (value: number) => value.toFixed(value < 10 ? 1 : 0).replace(/\.0$/, '');
