// Fails when the built extension is larger than a notebook's page should have to load.
import { readFileSync, readdirSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const LIMIT = 60_000;
const folder = new URL('../../rnnmagic/labextension/static/', import.meta.url);

const sizes = readdirSync(folder)
  .filter(name => name.endsWith('.js'))
  .map(name => ({ name, bytes: gzipSync(readFileSync(new URL(name, folder))).length }));
for (const { name, bytes } of sizes) {
  console.log(`${String(bytes).padStart(8)}  ${name}`);
}
const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
console.log(`${String(total).padStart(8)}  of ${LIMIT} bytes, gzipped`);
if (total === 0 || total > LIMIT) {
  console.error(total === 0 ? 'Nothing is built.' : 'The bundle is too large.');
  process.exit(1);
}
