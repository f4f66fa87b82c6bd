// Pattern-defeating quicksort (Orson Peters, 2021) with the parameters of Go's sort package, which is not stable: where
// pprof sorts rows that tie, from a known order, this gives the order in which it prints them. Only call trees need it;
// all other orders are total, or random upstream.

type Less<T> = (a: T, b: T) => boolean;

const INSERTION = 12;
const NINTHER = 50;

/** Sorts in place. */
export function quickSort<T>(items: T[], less: Less<T>): void {
  new Sorter(items, less).sort(0, items.length, 32 - Math.clz32(items.length));
}

class Sorter<T> {
  readonly #items: T[];
  readonly #less: Less<T>;

  constructor(items: T[], less: Less<T>) {
    this.#items = items;
    this.#less = less;
  }

  #isLess(i: number, j: number): boolean {
    return this.#less(this.#items[i], this.#items[j]);
  }

  #swap(i: number, j: number): void {
    [this.#items[i], this.#items[j]] = [this.#items[j], this.#items[i]];
  }

  /** from … to - 1; limit: bad pivots until heap sort takes over. */
  sort(from: number, to: number, limit: number): void {
    let isBalanced = true;
    let isPartitioned = true;
    while (to - from > INSERTION) {
      if (limit === 0) {
        this.#heapSort(from, to);
        return;
      }
      if (!isBalanced) {
        this.#breakPatterns(from, to);
        limit--;
      }
      let { pivot, swaps } = this.#choosePivot(from, to);
      if (swaps === 12) {
        // All comparisons went the other way: it runs backwards.
        for (let i = from, j = to - 1; i < j; i++, j--) this.#swap(i, j);
        pivot = to - 1 - (pivot - from);
        swaps = 0;
      }
      if (isBalanced && isPartitioned && swaps === 0 && this.#isNearlySorted(from, to)) return;
      // The element before is no less than the pivot, so equal: all that are equal to it go first.
      if (from > 0 && !this.#isLess(from - 1, pivot)) {
        from = this.#partitionEqual(from, to, pivot);
        continue;
      }
      const length = to - from;
      const { middle, was } = this.#partition(from, to, pivot);
      isPartitioned = was;
      const [left, right] = [middle - from, to - middle];
      isBalanced = Math.min(left, right) >= Math.floor(length / 8);
      if (left < right) {
        this.sort(from, middle, limit);
        from = middle + 1;
      } else {
        this.sort(middle + 1, to, limit);
        to = middle;
      }
    }
    for (let i = from + 1; i < to; i++) this.#sink(i, from);
  }

  /** Moves an element towards the start while it is less than its neighbour. */
  #sink(i: number, from: number): void {
    for (let j = i; j > from && this.#isLess(j, j - 1); j--) this.#swap(j, j - 1);
  }

  #partition(from: number, to: number, pivot: number): { middle: number; was: boolean } {
    this.#swap(from, pivot);
    let [i, j] = [from + 1, to - 1];
    for (let was = true; ; was = false) {
      while (i <= j && this.#isLess(i, from)) i++;
      while (i <= j && !this.#isLess(j, from)) j--;
      if (i > j) {
        this.#swap(j, from);
        return { middle: j, was };
      }
      this.#swap(i++, j--);
    }
  }

  #partitionEqual(from: number, to: number, pivot: number): number {
    this.#swap(from, pivot);
    let [i, j] = [from + 1, to - 1];
    for (;;) {
      while (i <= j && !this.#isLess(from, i)) i++;
      while (i <= j && this.#isLess(from, j)) j--;
      if (i > j) return i;
      this.#swap(i++, j--);
    }
  }

  /** Mends up to five neighbours that are the wrong way round; whether that was all. */
  #isNearlySorted(from: number, to: number): boolean {
    let i = from + 1;
    for (let step = 0; step < 5; step++) {
      while (i < to && !this.#isLess(i, i - 1)) i++;
      if (i === to) return true;
      if (to - from < NINTHER) return false;
      this.#swap(i, i - 1);
      if (i - from >= 2) this.#sink(i - 1, 0);
      if (to - i >= 2) for (let j = i + 1; j < to && this.#isLess(j, j - 1); j++) this.#swap(j, j - 1);
    }
    return false;
  }

  /** The median of three, or of three medians; swaps: how many pairs were the wrong way round. */
  #choosePivot(from: number, to: number): { pivot: number; swaps: number } {
    const quarter = Math.floor((to - from) / 4);
    let swaps = 0;
    const ordered = (a: number, b: number): [number, number] => {
      if (!this.#isLess(b, a)) return [a, b];
      swaps++;
      return [b, a];
    };
    const median = (a: number, b: number, c: number) => {
      const [x, y] = ordered(a, b);
      const [z] = ordered(y, c);
      return ordered(x, z)[1];
    };
    const around = (i: number) => (to - from >= NINTHER ? median(i - 1, i, i + 1) : i);
    const [a, b, c] = [from + quarter, from + quarter * 2, from + quarter * 3].map(around);
    return { pivot: median(a, b, c), swaps };
  }

  /** Moves three elements about the middle to places that the length alone decides (xorshift). */
  #breakPatterns(from: number, to: number): void {
    const length = to - from;
    const mask = (1n << BigInt(32 - Math.clz32(length))) - 1n;
    const middle = from + Math.floor(length / 4) * 2 - 1;
    let random = BigInt(length);
    for (let i = 0; i < 3; i++) {
      random = BigInt.asUintN(64, random ^ (random << 13n));
      random ^= random >> 7n;
      random = BigInt.asUintN(64, random ^ (random << 17n));
      const other = Number(random & mask);
      this.#swap(middle + i, from + (other >= length ? other - length : other));
    }
  }

  #heapSort(from: number, to: number): void {
    const length = to - from;
    const siftDown = (root: number, end: number) => {
      for (let child = 2 * root + 1; child < end; child = 2 * root + 1) {
        if (child + 1 < end && this.#isLess(from + child, from + child + 1)) child++;
        if (!this.#isLess(from + root, from + child)) return;
        this.#swap(from + root, from + child);
        root = child;
      }
    };
    for (let i = Math.floor((length - 1) / 2); i >= 0; i--) siftDown(i, length);
    for (let i = length - 1; i >= 0; i--) {
      this.#swap(from, from + i);
      siftDown(0, i);
    }
  }
}
