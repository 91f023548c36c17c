/** Loaded into the process that is profiled, before anything else: SIGUSR2 begins a profile of its CPU, and the next one writes it. */

import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { join } from 'node:path';

const folder = process.env.PROFILE_TO;
let session: Session | undefined;

process.on('SIGUSR2', async () => {
  if (!folder) return;
  if (session) {
    const { profile } = await session.post('Profiler.stop');
    writeFileSync(join(folder, `${process.pid}.cpuprofile`), JSON.stringify(profile));
    session.disconnect();
    session = undefined;
  } else {
    session = new Session();
    session.connect();
    await session.post('Profiler.enable');
    await session.post('Profiler.setSamplingInterval', { interval: 250 });
    await session.post('Profiler.start');
  }
});
