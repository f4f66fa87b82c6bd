// Every export, in the order of the contract (README.md); nothing else.

import { ABI_VERSION } from '../src/core/abi';

export function abiVersion(): i32 {
  return ABI_VERSION;
}

export { checkFunctions, checkLocations, checkSamples } from './check';
export { failedId, failedRow } from './failure';
export { beginCalls, callRows, inCalls } from './calls';
export {
  beginEdges,
  edgeCount,
  edgeOrder,
  edgeRows,
  edges,
  edgeStart,
  endEdges,
  groupEdges,
  inEdges,
  inlinedNodes,
} from './edges';
export { joinedLength, joinPieces } from './join';
export { labelSetAddress, labelSetCount, labelSetLength } from './labels';
export { alloc, allocZero, mark, release } from './memory';
export { hasInlines, internNodes, locationNode, nodeCount, nodeLists, nodeLine, nodeLocation, setNodeKeys } from './nodes';
export { gather, keepNodes, list, listCount, listFlat, sortList } from './order';
export { packed, packedEntries, packRows } from './pack';
export {
  addLabelFrames,
  needCuts,
  needSelected,
  selectAll,
  selectFocus,
  selectLabels,
  selectPruned,
  selectPruneFrom,
  selectShowFrom,
  setsBeforeNone,
  usedLabelSets,
} from './select';
export { failedRange, input, oddCount, oddSample, ranges, sampleCount, takeSamples, valueCount } from './store';
export {
  beginFunctions,
  beginLines,
  beginLocations,
  beginStrings,
  countLines,
  decodeFunctions,
  decodeLocations,
  decodeStrings,
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
export {
  anyNegative,
  beginMarks,
  beginWeigh,
  correctionCount,
  corrections,
  cum,
  endWeigh,
  endWeighMarked,
  flat,
  markRows,
  sumTotals,
  totals,
  weighMarkedRows,
  weighRows,
} from './weigh';
export { beginTags, labelSetSums, tagCount, tagLeaves, tagRows, tags } from './tags';
export { beginTree, tree, treeCount, treeRows, treeSelf, treeTotal } from './tree';
