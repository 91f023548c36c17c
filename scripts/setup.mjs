/**
 * Sets up what is missing, and is quick when nothing is: packages by `npm ci`; with the argument `servers` also
 * redis-server, PostgreSQL, Chromium and Apache with mod_auth_openidc, by Debian's packages where it may, else by saying what
 * to install.
 * Plain JavaScript without dependencies: it runs on the machine's own Node (20 or later) before any package is there.
 */

import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

process.chdir(join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '..'));
if (!packagesAreCurrent()) installPackages();
if (process.argv.includes('servers')) installServers();

/** Whether what is installed is what the lock file says, by npm's own record of what it installed. */
function packagesAreCurrent() {
  if (!existsSync('node_modules/.bin/node')) return false;
  const installed = packagesOf('node_modules/.package-lock.json');
  const wanted = packagesOf('package-lock.json');
  return Object.entries(wanted).every(([path, { version, optional }]) => {
    const found = installed[path];
    return path === '' || (found ? found.version === version : optional);
  });
}

function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return {};
  }
}

function installPackages() {
  console.log('Installing packages (a minute or so, once) …');
  const options = ['ci', '--include=dev', '--no-audit', '--loglevel=error'];
  const { npm_execpath: npm } = process.env;
  const { status } = npm ? run(process.execPath, [npm, ...options]) : run('npm', options);
  if (status !== 0) fail('The packages could not be installed: see above. With network access, run it again.');
  if (!packagesAreCurrent()) fail('npm has not installed all packages: remove node_modules and run it again.');
}

/** What tests need beside packages: the Debian package, and how to see that it is there. */
function missingServers() {
  const needed = [
    { name: 'redis-server', there: () => inPath('redis-server') },
    { name: 'postgresql', there: () => inPath('initdb') || debianPostgres() },
    { name: 'chromium', there: () => executable(process.env.KAPU_CHROMIUM ?? '/usr/bin/chromium') },
    // Brings Apache's program, and no service that would start with the machine.
    { name: 'libapache2-mod-auth-openidc', there: () => existsSync('/usr/lib/apache2/modules/mod_auth_openidc.so') },
  ];
  return needed.filter(({ there }) => !there()).map(({ name }) => name);
}

function installServers() {
  const missing = missingServers();
  if (missing.length === 0) return;
  const install = `apt-get install --no-install-recommends ${missing.join(' ')}`;
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) {
    fail(`The tests need ${missing.join(', ')}. On Debian, as root: ${install}. Elsewhere: install them so that they
are in PATH, and set KAPU_CHROMIUM to the path of Chromium or Chrome. \`npm run test:quick\` needs none of them.`);
  }
  console.log(`Installing ${missing.join(', ')} from Debian's packages (once) …`);
  // With RUNLEVEL=1 the packages' own services are not started: each test starts its own servers.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  run('apt-get', ['-qq', 'update'], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  run('apt-get', ['-qq', '-y', 'install', '--no-install-recommends', ...missing], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const still = missingServers();
  if (still.length > 0) fail(`${still.join(', ')} could not be installed: see above, or try \`${install}\` yourself.`);
}

function run(command, args, options = {}) {
  return spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'], ...options });
}

function inPath(name) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => executable(join(folder, name)));
}

function debianPostgres() {
  const home = '/usr/lib/postgresql';
  return existsSync(home) && readdirSync(home).some((version) => executable(join(home, version, 'bin', 'initdb')));
}

function executable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
