#!/usr/bin/env python3
"""Published figures, reproduced from generated observations whose truth is known; and what status and export print of them.

usage: published.py AFTERPATCH DIR
"""
import csv, datetime, io, json, math, os, re, shutil, subprocess, sys

program, where = sys.argv[1], sys.argv[2]
shutil.rmtree(where, ignore_errors=True)
os.makedirs(where)
failed = []


def check(ok, what):
    if not ok:
        failed.append(what)
        print('not so:', what)


def run(*args):
    p = subprocess.run([program, 'survey', *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=where, env=dict(os.environ, NO_COLOR='1'))
    check(p.returncode == 0, f'survey {" ".join(args)}: {p.returncode} {p.stderr[-400:]}')
    return p.stdout


def write(name, head, rows):
    with open(os.path.join(where, name), 'w', newline='') as f:
        w = csv.writer(f)
        w.writerow(head)
        w.writerows(rows)
    return name


def near(a, b, by):
    return a is not None and abs(a - b) <= by


# One truth, three published numbers of the week of 2021-03-22: 92 % (addresses, mitigation counts), about half (servers), 82 % (not proven unpatched).
rows = []
for i in range(1000):
    build = '15.1.2176.9' if i < 500 else '15.1.1261.35' if i < 680 else '15.2.792.3'
    for k in range(2 if i < 500 else 1):
        rows.append(['2021-03-22T04:00:00Z', f'10.{i // 200}.{i % 200}.{k + 1}', f'mail.org{i}.example', f'EX{i}', build, 'EOMT' if 500 <= i < 880 else '', 'ProxyLogon'])
run('import', '--store', 'truth.db', write('truth.csv', ['time', 'ip', 'name', 'node', 'build', 'mitigated', 'about'], rows))
d = json.loads(run('status', '--store', 'truth.db', '--group', 'ProxyLogon', '--json'))
g = d['groups'][0]
check(g['now']['servers'] == 1000 and g['now']['addresses'] == 1500, f'1000 servers behind 1500 addresses: {g["now"]}')
share = {x['name']: x for x in g['definitions']}
for name, unit, want in (('patched', 'servers', 0.50), ('patched or mitigated', 'addresses', 0.92), ('not proven unpatched', 'servers', 0.82)):
    x = share[name]
    check(x['unit'] == unit and near(x['share']['low'], want, 1e-6) and near(x['share']['high'], want, 1e-6), f'{name} of {unit}: {x}')

# Austria: 839 unpatched servers became 254 in eight days; factor 0.861 a day, half-life 4.6 days.
start = datetime.date(2021, 3, 9)
until = [99] * 254 + [math.ceil(math.log((839 - k - 0.5) / 839) / math.log(254 / 839) * 8) for k in range(585)]
files = []
for day in range(9):
    date = start + datetime.timedelta(days=day)
    files.append(write(f'{date}-scan_exchange-cert-all.csv',
                       'timestamp ip port hostname tag asn geo region city naics sic sector version servername url'.split(),
                       [[f'{date} 02:11:30', f'10.9.{i // 250}.{i % 250 + 1}', 443, f'mail.org{i}.example', 'exchange', 64496 + i % 3, 'AT', '', '', 0, '', '<b>x</b>' if i == 7 else '',
                         '15.1.2176.9' if day >= until[i] else '15.1.2176.8', f'EX{i}', ''] for i in range(839)]))
run('import', '--store', 'austria.db', *files)
d = json.loads(run('status', '--store', 'austria.db', '--json'))
g = next(x for x in d['groups'] if x['group'] == 'ProxyLogon')
h = g['cohort']['half_life']
check(h['unpatched_then'] == 839 and h['unpatched_now'] == 254, f'839 to 254: {h}')
check(h['low'] < 4.6 < h['high'] and near(h['days'], 4.6, 0.1) and near(h['per_day'], 0.861, 0.003), f'half-life 4.6 days in its interval, factor 0.861: {h}')
t = g['cohort']['time_to_patch']
check(t['servers'] == 839 and t['patched'] == 585 and t['median_days_earliest'] <= t['median_days'] <= t['median_days_latest'] and near(t['median_days'], 4.6, 0.1), f'median: {t}')
for x in g['cohort']['days']:
    check(sum(x[k] for k in ('patched', 'unpatched', 'cannot_tell', 'gone', 'moved', 'other', 'unreachable')) == 839, f'nobody leaves the cohort: {x["day"]}')
check(not any(x['group'] == 'ProxyShell' for x in d['groups']), 'a campaign whose fix was yet to come is not judged')
check(g['by']['country'][0]['value'] == 'AT' and len(g['by']['asn']) == 3 and g['detectors'].startswith('shadowserver'), 'strata and who looked')

# As it was on an earlier day: nothing later is known.
early = json.loads(run('status', '--store', 'austria.db', '--group', 'CVE-2021-26855', '--at', '2021-03-12', '--json'))['groups'][0]
same = next(x for x in g['days'] if x['day'] == '2021-03-12')
check(early['now']['unpatched'] == same['unpatched'] and early['days'][-1]['day'] == '2021-03-12', 'as of an earlier day')

# CSV says the same as JSON, with unit and detector in each row.
table = list(csv.DictReader(io.StringIO(run('status', '--store', 'austria.db', '--csv'))))
check(all(r['unit'] == 'servers' and r['detectors'] for r in table), 'unit and detector in each row')
for x in g['days']:
    r = [r for r in table if r['day'] == x['day'] and r['group'] == 'ProxyLogon' and r['by'] == 'all']
    check(len(r) == 1 and int(r[0]['unpatched']) == x['unpatched'] and int(r[0]['patched']) == x['patched'], f'CSV of {x["day"]}')
check(sum(int(r['unpatched']) for r in table if r['by'] == 'asn' and r['day'] == '2021-03-17' and r['group'] == 'ProxyLogon') == 254, 'networks add up')

# A screen: 80 columns, 24 lines.
for args in ([], ['--group', 'ProxyLogon']):
    text = run('status', '--store', 'austria.db', *args).split('\n')
    check(len(text) <= 25 and max(map(len, text)) <= 80, f'a screen: {len(text)} lines, {max(map(len, text))} columns')

# The register decides, and hostile text stays text.
write('register.csv', ['cidr', 'organisation', 'sector'], [['10.9.0.0/25', '=cmd|"<script>alert(1)</script>"', '<script>alert(2)</script>']])
run('status', '--store', 'austria.db', '--where', 'register.csv', '--html', 'page.html')
page = open(os.path.join(where, 'page.html')).read()
check('<script' not in page and '&lt;script&gt;alert(2)' in page and "default-src 'none'" in page, 'the page escapes, and runs nothing')
check(page.count('<svg class="lanes"') >= 2 and 'NaN' not in page and 'inf' not in re.sub('[a-z]inf|inf[a-z]', '', page), 'curves are drawn from numbers')
events = [json.loads(l) for l in run('export', '--store', 'austria.db', '--where', 'register.csv').splitlines()]
check(len(events) == 254, f'{len(events)} events for 254 unpatched servers')
key = re.compile(r'^(__type|[a-z_][a-z_0-9]+(\.[a-z_0-9]+)*)$')
check(all(key.match(k) and v not in ('', None) for e in events for k, v in e.items()), 'keys and values as IntelMQ wants them')
check(all(e['classification.type'] == 'vulnerable-system' and e['time.source'] == '2021-03-17T00:00:00+00:00' and e['source.geolocation.cc'] == 'AT' for e in events), 'events')
rows = list(csv.reader(io.StringIO(run('export', '--store', 'austria.db', '--where', 'register.csv', '--format', 'csv', '--verdict', 'all'))))
check(len(rows) == 840 and all(len(r) == len(rows[0]) for r in rows), 'one row for each server')
check(not any(c[:1] in '=+@' for r in rows for c in r if c), 'no cell is a formula')

print('published figures:', 'as published' if not failed else f'{len(failed)} differ')
sys.exit(bool(failed))
