// Every export, in the order of the contract (README.md); nothing else.

import { ABI_VERSION } from '../src/core/abi';

export function abiVersion(): i32 {
  return ABI_VERSION;
}

export { addLabelFrames, begin, length, selectAll, selected, selectedCount } from './select';
export { alloc, allocZero, mark, release } from './memory';
export { cum, flat, markRepeats, sumTotals, totals, weigh, weighMarked } from './weigh';
export { correctionCount, corrections } from './weigh';
export { edgeCount, edges, inEdges, inlinedNodes, weighEdges } from './edges';
export { failedRange, input, oddCount, oddSample, ranges, sampleCount, takeSamples, valueCount } from './store';
export { gather, keepNodes, list, listCount, listFlat, sortList } from './order';
export { hasInlines, internNodes, nodeCount, nodeLine, nodeLocation, setNodeKeys } from './nodes';
export { labelSetAddress, labelSetCount, labelSetLength } from './labels';
export { selectFocus, selectLabels, selectPruned, selectPruneFrom, selectShowFrom, usedLabelSets } from './select';
export {
  checkFunctions,
  checkLocations,
  checkSamples,
  decodeFunctions,
  decodeLocations,
  decodeStrings,
  failedId,
  failedRow,
  functionFilename,
  functionId,
  functionName,
  functionStartLine,
  functionSystemName,
  lineColumn,
  lineCount,
  lineFunction,
  lineNumber,
  lineStart,
  locationAddress,
  locationFolded,
  locationId,
  locationMapping,
  messageCount,
  sameString,
  stringBytes,
  stringStart,
  takeMessages,
} from './tables';
