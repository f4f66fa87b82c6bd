// Names short enough to draw: without the path of a package or the namespaces around a class.
//
//   github.com/ipfs/kubo/v2/core.(*IpfsNode).Close → core.(*IpfsNode).Close
//   java.util.concurrent.ThreadPool.run            → ThreadPool.run
//   ns::inner::Class::method                       → Class::method
//
// Source of the rules: pprof internal/graph ShortenFunctionName.

const anonymous = /^\(anonymous namespace\)::/;
const moduleVersion = /^(.*?)\/v(?:[2-9]|[1-9][0-9]+)([./].*)$/;
const parts = [
  // Go: path/to/package.name
  /^(?:[\w\-.]+\/)+([^.]+\..+)/,
  // Java: package.Class.method
  /^(?:[a-z]\w*\.)*([A-Z][\w$]*\.(?:<init>|[a-z][\w$]*(?:\$\d+)?))(?:\(|$)/,
  // C++: namespace::Class::method
  /^(?:[_a-zA-Z]\w*::)+(_*[A-Z]\w*::~?[_a-zA-Z]\w*(?:<.*>)?)/,
];

export function shortenName(name: string): string {
  const plain = name.replace(anonymous, '').replace(moduleVersion, '$1$2');
  for (const part of parts) {
    const short = part.exec(plain)?.[1];
    if (short !== undefined) return short;
  }
  return plain;
}
