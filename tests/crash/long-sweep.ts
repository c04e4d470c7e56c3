/** The kill sweep for as long as one likes: `KILLS=1000 SEED=7 ./holdfast run tests/crash/long-sweep.ts`. */
import { randomInt } from 'node:crypto';
import { sweep } from './sweep.ts';

const kills = Number(process.env.KILLS ?? 1_000);
const seed = Number(process.env.SEED ?? randomInt(2 ** 31));
console.log(`KILLS=${kills} SEED=${seed}`);
const { violations, ...figures } = await sweep({ seed, kills, onProgress: console.log });
console.log(figures);
for (const violation of violations) console.log(violation);
process.exitCode = violations.length === 0 ? 0 : 1;
