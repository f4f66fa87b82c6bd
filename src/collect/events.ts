// What a collection says while it goes on: for progress on a terminal, lines in a log, a page.

import type { ManifestItem } from '../model/manifest.js';

export type CollectEvent =
  /** The server answers; so many seconds will be waited for, at least. */
  | { readonly kind: 'plan'; readonly target: string; readonly seconds: number; readonly items: readonly string[] }
  | { readonly kind: 'start'; readonly item: string; readonly seconds: number }
  | { readonly kind: 'bytes'; readonly item: string; readonly bytes: number }
  /** It is asked for again, after waitMs. */
  | { readonly kind: 'retry'; readonly item: string; readonly reason: string; readonly waitMs: number }
  | { readonly kind: 'end'; readonly item: ManifestItem }
  | { readonly kind: 'note'; readonly text: string };
