import { resolve } from 'node:path';

// codex-rs reads all certificates of the machine for each client it creates, a fifth of the cost of a short turn. The
// models of the specs use plain HTTP, so one certificate that signs nothing is enough.
process.env.SSL_CERT_FILE ??= resolve('fixtures/signs-nothing.pem');
process.env.SSL_CERT_DIR ??= resolve('fixtures/no-such-folder');
