/** The demo's machine: asks the running demo for the tax office's figures, and prints them. KAPU_DEMO_PORT as for the demo. */

import { demoStatistics } from '../../config/demo.ts';
import { createMachine } from './machine.ts';

const port = Number(process.env.KAPU_DEMO_PORT ?? 3000);
const machine = createMachine({
  issuer: `http://localhost:${port}`,
  clientId: 'demo-machine',
  clientSecret: 'demo-machine-secret-0123456789abcdef',
  api: demoStatistics(port),
  scope: 'statistics.read',
});

try {
  console.log(await machine.ask('/returns'));
} catch (error) {
  console.error(
    `No figures: ${(error as Error).message}. Does the demo run? Start it with 'npm run demo' in another terminal.`,
  );
  process.exit(1);
}
