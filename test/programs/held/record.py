#!/usr/bin/env python3
"""Builds heldd, records every scenario in every build, and checks every dump.  usage: record.py [BUILD...] [--only NAME...]"""
import json, os, shutil, signal, subprocess, sys, time, urllib.request
HERE = os.path.dirname(os.path.abspath(__file__)); PKG = './cmd/heldd'; BIN = HERE + '/.build/held'; OUT = HERE + '/scenarios'; EXP = HERE + '/expect'; LOGS = HERE + '/.build/logs'; WAIT = int(os.environ.get('WAIT', '130'))
sys.path.insert(0, HERE); import verify
GO = '/usr/local/go/bin/go'
BUILDS = {'default': ([], {}), 'noopt': (['-gcflags=all=-N -l'], {}), 'inl': (['-gcflags=all=-l'], {}), 'sigquit': ([], {}), '386': ([], {'GOARCH': '386'}), 'go127': ([], {'GOTOOLCHAIN': 'go1.27.3'})}
WAVES = [['default', 'noopt', 'inl'], ['sigquit', '386', 'go127']]
args = sys.argv[1:]; only = []
if '--only' in args: i = args.index('--only'); only = args[i + 1:]; args = args[:i]
os.makedirs(BIN, exist_ok=True); os.makedirs(LOGS, exist_ok=True)

def build(b):
    flags, env = BUILDS[b]
    subprocess.run([GO, 'build', '-trimpath', '-o', f'{BIN}/{b}', *flags, PKG], cwd=HERE, env={**os.environ, 'CGO_ENABLED': '0', **env}, check=True)

def start(b, s):
    d = f'{OUT}/{b}/{s}'; shutil.rmtree(d, ignore_errors=True)
    os.makedirs(d); cmd = [f'{BIN}/{b}', s, d, b, str(WAIT)]
    if s.startswith(('busy', 'young')): cmd = ['nice', '-n', '19'] + cmd if s.startswith('busy') else cmd
    return subprocess.Popen(cmd, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=open(f'{LOGS}/{b}.{s}', 'wb'))

def get(addr, path):
    q = urllib.request.Request(f'http://{addr}/debug/pprof/{path}', headers={'Connection': 'close'})
    return urllib.request.urlopen(q, timeout=60).read()

def finish(b, s, p):
    d = f'{OUT}/{b}/{s}'; end = time.time() + WAIT + 200; log = f'{LOGS}/{b}.{s}'
    while p.poll() is None and time.time() < end and not os.path.exists(d + '/addr'): time.sleep(.05)
    if p.poll() is None and os.path.exists(d + '/addr'):
        addr = open(d + '/addr').read(); os.remove(d + '/addr'); time.sleep(.1)
        for f, path in (('goroutine.debug2.txt', 'goroutine?debug=2'), ('goroutine.debug1.txt', 'goroutine?debug=1'), ('goroutine.debug0.pb.gz', 'goroutine')): open(f'{d}/{f}', 'wb').write(get(addr, path))
        if b == 'sigquit': p.send_signal(signal.SIGQUIT); p.wait(); shutil.copy(log, d + '/sigquit.txt')
        else: p.kill(); p.wait()
    else: p.kill(); p.wait(); return [f'rc {p.returncode}: ' + open(log, errors='replace').read()[:300]]
    os.makedirs(f'{EXP}/{b}', exist_ok=True); e = f'{EXP}/{b}/{s}.json'; os.replace(d + '/expect.json', e)
    t = json.load(open(d + '/truth.json')); g = verify.parse(open(d + '/goroutine.debug2.txt').read()); t['numGoroutine'] = len(g)
    if json.load(open(e))['autoIdle']:
        if b == 'sigquit': g = {i: g[i] for i in set(g) & set(verify.parse(open(d + '/sigquit.txt', errors='replace').read()))}  # the goroutine that served the other dump has ended
        for i in sorted(set(g) - set(t['goroutines'].values())): t['goroutines'][f'other{i}'] = i; t['idle'].append(f'other{i}')
    json.dump(t, open(d + '/truth.json', 'w'), indent=1); open(d + '/truth.json', 'a').write('\n')
    return verify.check(d, e)

bad = 0
for wave in WAVES:
    wave = [b for b in wave if not args or b in args]
    for b in wave: build(b)
    todo = []
    for b in wave:
        names = subprocess.run([f'{BIN}/{b}', 'list'], capture_output=True, text=True, env={**os.environ, 'BIG': '1'}).stdout.split()
        todo += [(b, s) for s in names if (not only or s in only) and (s != 'healthy_conns10k' or b == 'default')]
    os.environ['BIG'] = '1'
    for attempt in range(3):
        run = [x for x in todo if not x[1].startswith('young')]; procs = []
        for x in run: procs.append((x, start(*x))); time.sleep(.06)
        failed = []
        def done(x, p):
            e = finish(*x, p)
            if e: failed.append(x); print(x, e[:4], flush=True); shutil.rmtree(f'{OUT}/{x[0]}/{x[1]}', ignore_errors=True)
        for x, p in procs: done(x, p)
        for x in todo:
            if x[1].startswith('young'): done(x, start(*x))
        print(wave, 'attempt', attempt, 'recorded', len(todo) - len(failed), 'failed', len(failed), flush=True)
        todo = failed
        if not todo: break
    bad += len(todo)
sys.exit(bool(bad))
