import { killedAtEveryWrite } from './kapu-killed.ts';

killedAtEveryWrite('basic', 5);
