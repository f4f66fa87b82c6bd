// Running a collection against a scripted server, for tests.

import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import {
  type CollectEvent,
  type Collected,
  type CollectOptions,
  collect,
  type Manifest,
  type ManifestItem,
} from '../src/node.js';
import { type Answer, type FakeServer, type ServerOptions, serve } from './scripted.js';

export const folder = mkdtempSync(join(tmpdir(), 'tspprof-collect-'));
let count = 0;
export const newPath = () => join(folder, `${++count}.zip`);

export interface Outcome {
  readonly server: FakeServer;
  readonly members: Record<string, Uint8Array>;
  readonly manifest: Manifest;
  readonly collected: Collected;
  readonly events: readonly CollectEvent[];
  item(name: string): ManifestItem;
}

export async function run(
  answers: ReadonlyMap<string, Answer>,
  options: CollectOptions = {},
  serverOptions?: ServerOptions,
): Promise<Outcome> {
  const server = await serve(answers, serverOptions);
  const events: CollectEvent[] = [];
  try {
    const collected = await collect({
      target: server.url,
      output: newPath(),
      seconds: 1,
      ...options,
      onEvent: (event) => events.push(event),
    });
    const members = unzipSync(new Uint8Array(readFileSync(collected.path)));
    const manifest: Manifest = JSON.parse(Buffer.from(members['manifest.json']).toString());
    return {
      ...{ server, members, manifest, collected, events },
      item: (name) => {
        const found = manifest.items.find((item) => item.name === name);
        if (found === undefined) throw new Error(`no item ${name}`);
        return found;
      },
    };
  } finally {
    await server.close();
  }
}

export const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString();
export const statuses = ({ items }: Manifest) => Object.fromEntries(items.map(({ name, status }) => [name, status]));
