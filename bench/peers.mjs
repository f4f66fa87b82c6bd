// Other decoders of profile.proto for JavaScript. Each gives Σ of the second value of all samples, for comparison.

import { Profile } from 'pprof-format';
import protobuf from 'protobufjs';

const { Root } = protobuf;
const root = Root.fromJSON({
  nested: {
    Profile: {
      fields: {
        sampleType: { rule: 'repeated', type: 'ValueType', id: 1 },
        sample: { rule: 'repeated', type: 'Sample', id: 2 },
        mapping: { rule: 'repeated', type: 'Mapping', id: 3 },
        location: { rule: 'repeated', type: 'Location', id: 4 },
        function: { rule: 'repeated', type: 'Function', id: 5 },
        stringTable: { rule: 'repeated', type: 'string', id: 6 },
      },
    },
    ValueType: { fields: { type: { type: 'int64', id: 1 }, unit: { type: 'int64', id: 2 } } },
    Sample: {
      fields: {
        locationId: { rule: 'repeated', type: 'uint64', id: 1 },
        value: { rule: 'repeated', type: 'int64', id: 2 },
        label: { rule: 'repeated', type: 'Label', id: 3 },
      },
    },
    Label: {
      fields: {
        key: { type: 'int64', id: 1 },
        str: { type: 'int64', id: 2 },
        num: { type: 'int64', id: 3 },
        numUnit: { type: 'int64', id: 4 },
      },
    },
    Mapping: {
      fields: {
        id: { type: 'uint64', id: 1 },
        memoryStart: { type: 'uint64', id: 2 },
        memoryLimit: { type: 'uint64', id: 3 },
        fileOffset: { type: 'uint64', id: 4 },
        filename: { type: 'int64', id: 5 },
      },
    },
    Location: {
      fields: {
        id: { type: 'uint64', id: 1 },
        mappingId: { type: 'uint64', id: 2 },
        address: { type: 'uint64', id: 3 },
        line: { rule: 'repeated', type: 'Line', id: 4 },
      },
    },
    Line: {
      fields: {
        functionId: { type: 'uint64', id: 1 },
        line: { type: 'int64', id: 2 },
        column: { type: 'int64', id: 3 },
      },
    },
    Function: {
      fields: {
        id: { type: 'uint64', id: 1 },
        name: { type: 'int64', id: 2 },
        systemName: { type: 'int64', id: 3 },
        filename: { type: 'int64', id: 4 },
        startLine: { type: 'int64', id: 5 },
      },
    },
  },
});
const ProfileType = root.lookupType('Profile');

export function decodeWithProtobufjs(bytes) {
  let sum = 0n;
  for (const { value } of ProfileType.decode(bytes).sample) sum += BigInt(value[1].toString());
  return sum;
}

export function decodeWithPprofFormat(bytes) {
  let sum = 0n;
  for (const { value } of Profile.decode(bytes).sample) sum += BigInt(value[1]);
  return sum;
}
