/** One argon2 verification's CPU time, several times over: as the server verifies, and nothing beside it. */

import { defaults } from '../config/default.ts';
import { demoPassword, demoSecrets } from '../config/demo.ts';
import { createPasswords } from '../src/passwords/passwords.ts';

const passwords = createPasswords({
  settings: { ...defaults.password, queuePatience: 5 },
  peppers: demoSecrets.peppers,
  cores: 1,
  now: () => new Date(),
});
const made = await passwords.hash(demoPassword);
if (made.outcome !== 'hashed') throw new Error('the queue is empty, and yet busy');
const times: number[] = [];
for (let n = 0; n < 60; n++) {
  const before = process.cpuUsage();
  const checked = await passwords.verify(made.hash, demoPassword);
  const spent = process.cpuUsage(before);
  if (checked.outcome !== 'right') throw new Error('the password does not fit its own hash');
  if (n >= 10) times.push((spent.user + spent.system) / 1000);
}
process.send!(times);
