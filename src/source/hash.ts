// SHA-256, piece by piece.

import { createHash } from 'node:crypto';

export interface Sum {
  update(bytes: Uint8Array): void;
  /** In hexadecimal. */
  digest(): string;
}

export function sha256(): Sum {
  const hash = createHash('sha256');
  return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest('hex') };
}
