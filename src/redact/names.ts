// Names whose values are secrets: of flags, variables, JSON members, headers, labels.
//
//   api-token  AWS_SECRET_ACCESS_KEY  dbPassword  authorization  session_cookie      yes
//   token-file  key_count  monkey  author  passes  token_type                        no

const SECRET = /^(auth|authorization|credentials?|cookies?|pass|passwd|passphrase|pwd|pw|keys?|bearer|jwt)$/;
/** Also at the end of words written together: accesstoken, clientsecret, userpassword. */
const SECRET_END = /(tokens?|secrets?|passwords?|passwd|passphrase|apikeys?|privatekey|accesskey|secretkey|cookies?)$/;
/** Words that make it something about a secret, not the secret. */
const ABOUT =
  /^(file|files|path|paths|dir|count|counts|total|size|len|length|limit|max|min|ttl|timeout|expiry|expires|seconds|bytes|type|kind|alg|algorithm|mode|enabled|disabled|required|method|methods|format|name|names|prefix|hits|misses|failures|errors|rate|ms|ns)$/;

/**
 * Whether the value of this name is to be hidden. bareKey: `key` alone counts, as in `--key=…`; elsewhere it is the key of anything, a
 * cache or a datastore.
 */
export function isSensitive(name: string, bareKey = false): boolean {
  // Few names are many: `go` stands before each line number.
  if (name.length < 2 || name.length > 256) return false;
  const known = decided.get(name);
  if (known !== undefined && !bareKey) return known;
  const isIt = decide(name, bareKey);
  if (!bareKey && decided.size < 4096) decided.set(name, isIt);
  return isIt;
}

const decided = new Map<string, boolean>();

function decide(name: string, bareKey: boolean): boolean {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
  if (words.length === 0 || ABOUT.test(words[words.length - 1])) return false;
  if (words.length === 1 && /^keys?$/.test(words[0])) return bareKey && words[0] === 'key';
  // A public key is public.
  if (words.includes('public') || words.includes('pub')) return false;
  return words.some((word) => SECRET.test(word) || SECRET_END.test(word));
}
