// Installs the packages of Restate into .build/restate, and compiles the programs of examples/fleet-restate there.
// usage: node scripts/build-restate.mjs   (downloads packages from the npm registry)
import { buildExample } from './build-example.mjs';

buildExample('restate');
