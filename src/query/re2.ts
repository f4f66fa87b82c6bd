// The regexp engine, alone in a file: the bundled command swaps it for one that loads at first use (6 ms).

import { RE2JS } from 're2js';

export const re2 = () => RE2JS;
