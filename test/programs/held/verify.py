#!/usr/bin/env python3
"""Checks that dumps show what their truth says.  usage: verify.py ROOT"""
import glob, json, os, re, sys
HEAD = re.compile(r'^goroutine (\d+)(?: gp=\S+ m=\S+(?: mp=\S+)?)? \[([^\],]*)((?:, [^\]]*)?)\]:', re.M)
LOCK = ('sync.Mutex.Lock', 'sync.RWMutex.')
def parse(text):
    hs = list(HEAD.finditer(text)); out = {}
    for i, h in enumerate(hs):
        m = re.search(r'(\d+) minutes', h[3])
        out[int(h[1])] = (h[2], int(m[1]) if m else 0, text[h.end():hs[i + 1].start() if i + 1 < len(hs) else len(text)])
    return out
def check(d, expect):
    t = json.load(open(d + '/truth.json')); x = json.load(open(expect)); bad = []
    files = ['goroutine.debug2.txt'] + ['sigquit.txt'] * (t['build'] == 'sigquit')
    for f in ['goroutine.debug1.txt', 'goroutine.debug0.pb.gz'] + files:
        if not os.path.exists(d + '/' + f) or not os.path.getsize(d + '/' + f): return [f'{f} is missing']
    roles = set(t['goroutines']); gone = set(t.get('gone', []))
    groups = [t['roots'], t['idle'], t['stuck'], t.get('leaked', []), *t['cycles'], *(o[k] for o in t['objects'].values() for k in ('holders', 'waiters'))]
    for g in groups:
        for r in g:
            if r not in roles: bad.append(f'no role {r}')
            if r in gone: bad.append(f'{r} is gone and still in a list')
    if set(t['idle']) & set(t['stuck']): bad.append('idle and stuck')
    ids = list(t['goroutines'][r] for r in roles)
    if len(set(ids)) != len(ids): bad.append('one goroutine, two roles')
    for f in files:
        g = parse(open(d + '/' + f, errors='replace').read())
        if 'debug2' in f and len(g) != t['numGoroutine'] and not x['young']: bad.append(f'{f}: {len(g)} goroutines, truth {t["numGoroutine"]}')
        for r in gone:
            if t['goroutines'][r] in g: bad.append(f'{f}: {r} lives')
        for r in roles - gone:
            if t['goroutines'][r] not in g: bad.append(f'{f}: {r} is not in the dump')
        if bad: continue
        waiting = set()
        for n, o in t['objects'].items():
            for r in o['waiters']:
                st, mins, body = g[t['goroutines'][r]]; waiting.add(r)
                ok = {'Mutex': st == LOCK[0], 'RWMutex': st.startswith(LOCK), 'Once': st == LOCK[0], 'WaitGroup': st == 'sync.WaitGroup.Wait', 'Cond': st == 'sync.Cond.Wait', 'singleflight': st == 'sync.WaitGroup.Wait'}.get(o['kind'], st in ('chan send', 'chan receive', 'select', 'semacquire'))
                if t['build'] == 'noopt' and o.get('addr') and o['kind'] not in ('chan', 'Cond') and o['addr'] + ')' not in body and o['addr'] + ',' not in body: bad.append(f'{f}: {n}: waiter {r} does not show {o["addr"]}')
                if not ok or mins < 2: bad.append(f'{f}: {n}: waiter {r} is {st}, {mins} minutes')
        need = waiting | set(t['stuck']) | {r for o in t['objects'].values() for r in o['holders']} | set(t.get('leaked', []))
        for r, s in x['want'].items():
            if r in gone: continue
            st, mins, body = g[t['goroutines'][r]]
            if not any(st.startswith(k) for k in s.split('|')): bad.append(f'{f}: {r} is {st}, not {s}')
            if not x['young'] and not s.startswith('run') and mins < 2 and r in need: bad.append(f'{f}: {r} [{st}] has {mins} minutes')
        for r in need - set(x['want']): bad.append(f'{r}: no expected state')
        names = {v: k for k, v in t['goroutines'].items()}
        for i, (st, mins, body) in g.items():
            if st.startswith(LOCK) and not x['young'] and names.get(i) not in waiting: bad.append(f'{f}: goroutine {i} ({names.get(i)}) waits for a lock and is no waiter')
        for r in t['stuck']:
            if r not in waiting and r not in {h for o in t['objects'].values() for h in o['holders']} and not r in x['want']: bad.append(f'{r} stuck without reason')
    return bad
if __name__ == '__main__':
    n = e = 0
    for d in sorted(map(os.path.dirname, glob.glob(sys.argv[1] + '/scenarios/*/*/truth.json'))):
        b, s = d.split('/')[-2:]; n += 1
        bad = check(d, f'{sys.argv[1]}/expect/{b}/{s}.json')
        if bad: e += 1; print(b, s, bad[:5])
    print(n, 'dumps,', e, 'wrong'); sys.exit(bool(e))
