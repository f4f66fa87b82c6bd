// The encoders. In the bundled command they are a file of their own, with protobufjs's Writer in it, that is read when a
// profile is written: scripts/build.mjs.

export { type DumpProfileOptions, encodeDump } from './dump.js';
export { encodePlain } from './plain.js';
export { encodeProfile } from './profile.js';
export { encodeTextProfile } from './text.js';
export { encodeTopProto } from './topproto.js';
