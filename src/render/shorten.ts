// Names short enough to draw: without the path of a package or the namespaces around a class.
//
//   github.com/ipfs/kubo/v2/core.(*IpfsNode).Close → core.(*IpfsNode).Close
//   java.util.concurrent.ThreadPool.run            → ThreadPool.run
//   ns::inner::Class::method                       → Class::method
//
// Source of the rules: pprof internal/graph ShortenFunctionName.

const anonymous = /^\(anonymous namespace\)::/;
const moduleVersion = /^([^\n]*?)\/v(?:[2-9]|[1-9][0-9]+)([./][^\n]*)$/;
const folders = /^(?:[\w\-.]+\/)+/;
const parts = [
  // Java: package.Class.method
  /^(?:[a-z]\w*\.)*([A-Z][\w$]*\.(?:<init>|[a-z][\w$]*(?:\$\d+)?))(?:\(|$)/,
  // C++: namespace::Class::method
  /^(?:[_a-zA-Z]\w*::)+(_*[A-Z]\w*::~?[_a-zA-Z]\w*(?:<[^\n]*>)?)/,
];

export function shortenName(name: string): string {
  const plain = name.replace(anonymous, '').replace(moduleVersion, '$1$2');
  const short = goName(plain);
  if (short !== undefined) return short;
  for (const part of parts) {
    const found = part.exec(plain)?.[1];
    if (found !== undefined) return found;
  }
  return plain;
}

/**
 * Go: path/to/package.name. `^(?:[\w\-.]+/)+([^.]+\..+)`, which takes quadratic time to see that a name of 20,000
 * folders is none.
 */
function goName(name: string): string | undefined {
  let end = folders.exec(name)?.[0].length ?? 0;
  let dot = name.indexOf('.', end);
  while (end > 0) {
    if (dot > end && /[^\n]/.test(name[dot + 1] ?? '')) return /^[^.]+\.[^\n]+/.exec(name.slice(end))?.[0];
    // One folder fewer.
    const before = name.lastIndexOf('/', end - 2) + 1;
    const near = name.slice(before, end).indexOf('.');
    if (near !== -1) dot = before + near;
    end = before;
  }
  return undefined;
}
