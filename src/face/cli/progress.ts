// Progress of a collection. On a terminal the line of what runs is drawn anew, with a bar for what takes its seconds (no byte comes before
// their end, so that the clock fills it); elsewhere a line for each thing that happened.

import { type CollectEvent, type ManifestItem, visible } from '../../node.js';
import { byteSize } from './sizes.js';

export interface Progress {
  event(event: CollectEvent): void;
  note(text: string): void;
  /** An item ended, and there is nothing to say of it. */
  done(item: string): void;
  /** Nothing more comes. */
  end(): void;
}

interface Out {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

const BAR = 24;
const EVERY_MS = 200;

export function progressOf(out: Out): Progress {
  const isTerminal = out.isTTY === true && process.env.TERM !== 'dumb';
  const running = new Map<string, { readonly since: number; readonly seconds: number; text: string }>();
  let timer: NodeJS.Timeout | undefined;
  let width = 18;
  const columns = () => Math.max(20, out.columns ?? 80);
  const wipe = () => isTerminal && running.size > 0 && out.write('\r\x1b[K');
  const draw = () => {
    if (!isTerminal) return;
    // Of several the one with its seconds: the others are quick.
    const list = [...running].sort(([, a], [, b]) => b.seconds - a.seconds);
    const [first] = list;
    if (first === undefined) return;
    const [item, { since, seconds, text }] = first;
    const passed = (Date.now() - since) / 1000;
    const clock =
      seconds > 0 ? `${bar(passed / seconds)} ${Math.min(seconds, Math.floor(passed))} of ${seconds} s` : '';
    out.write(`\r\x1b[K${cut(`  ${item.padEnd(width)} ${clock}${text === '' ? '' : ` ${text}`}`, columns() - 1)}`);
  };
  const line = (text: string) => {
    wipe();
    out.write(`${isTerminal ? cut(visible(text), columns() - 1) : visible(text)}\n`);
    draw();
  };
  return {
    event: (event) => {
      switch (event.kind) {
        case 'plan':
          width = Math.max(width, ...event.items.map((item) => item.length));
          line(`Collecting from ${event.target}${event.seconds > 0 ? `, about ${event.seconds} s` : ''}`);
          break;
        case 'start':
          running.set(event.item, { since: Date.now(), seconds: event.seconds, text: '' });
          if (!isTerminal && event.seconds > 0) out.write(`  ${event.item}: ${event.seconds} s …\n`);
          timer ??= isTerminal ? setInterval(draw, EVERY_MS) : undefined;
          draw();
          break;
        case 'bytes': {
          const now = running.get(event.item);
          if (now !== undefined) now.text = byteSize(event.bytes);
          break;
        }
        case 'retry': {
          const text = `again${event.waitMs > 0 ? ` in ${(event.waitMs / 1000).toFixed(1)} s` : ''}: ${event.reason}`;
          const now = running.get(event.item);
          if (now !== undefined && isTerminal) now.text = visible(text);
          else line(`  ${event.item}: ${text}`);
          break;
        }
        case 'end':
          wipe();
          running.delete(event.item.name);
          // The series of variables is one line's worth: the bar is there.
          if (!/^vars-/.test(event.item.name) || event.item.status !== 'ok')
            line(`  ${event.item.name.padEnd(width)} ${outcome(event.item)}`);
          else draw();
          break;
        case 'note':
          line(`  ${event.text}`);
          break;
        default:
          event satisfies never;
      }
    },
    note: line,
    done: (item) => {
      wipe();
      running.delete(item);
      draw();
    },
    end: () => {
      wipe();
      running.clear();
      clearInterval(timer);
      timer = undefined;
    },
  };
}

function outcome({ status, bytes, seconds = 0, error, resumed, attempts = 1, notes = [] }: ManifestItem): string {
  if (resumed) return `${byteSize(bytes ?? 0).padStart(10)}  of the earlier run`;
  const tried = attempts > 1 ? `, at attempt ${attempts}` : '';
  if (status === 'ok')
    return `${byteSize(bytes ?? 0).padStart(10)}  ${seconds.toFixed(1)} s${tried}${notes.map((note) => `; ${note}`).join('')}`;
  if (status === 'partial') return `${byteSize(bytes ?? 0).padStart(10)}  cut: ${error ?? notes.join('; ')}`;
  if (status === 'unsupported') return `${'–'.padStart(10)}  not here`;
  return `${status}${tried}: ${error ?? ''}`;
}

function bar(share: number): string {
  const filled = Math.min(BAR, Math.floor(share * BAR));
  return '█'.repeat(filled) + '░'.repeat(BAR - filled);
}

const cut = (text: string, room: number) => (text.length <= room ? text : `${text.slice(0, room - 1)}…`);
