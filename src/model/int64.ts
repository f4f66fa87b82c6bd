// int64 columns as numbers: a bigint for each of a million values costs more than what is done with it.

/** Element i of the column as a number, rounded where 2^53 is not enough, as Number(column[i]) is. */
export function numberReader(column: BigInt64Array): (i: number) => number {
  const low = new Uint32Array(column.buffer, column.byteOffset, column.length * 2);
  const high = new Int32Array(column.buffer, column.byteOffset, column.length * 2);
  return (i) => high[i * 2 + 1] * 0x1_0000_0000 + low[i * 2];
}
