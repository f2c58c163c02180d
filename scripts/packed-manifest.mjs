// Removes `prepare` from the packed package.json: npm warns about it when it installs a tarball from a file or a URL,
// although the tarball needs no preparation. usage: node scripts/packed-manifest.mjs strip|restore   (before and after packing)
import { copyFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

const manifest = 'package.json';
const kept = '.build/package.json';
const prepare = /^ *"prepare": .*\n/m;

const text = readFileSync(manifest, 'utf8');
if (process.argv[2] === 'restore') {
  if (existsSync(kept)) renameSync(kept, manifest);
} else if (prepare.test(text)) {
  copyFileSync(manifest, kept);
  writeFileSync(manifest, text.replace(prepare, ''));
}
