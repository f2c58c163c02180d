import { resolve } from 'node:path';

// codex-rs reads every certificate of the machine for each client that it makes, which is a fifth of what a short turn
// costs. The models of the specs speak plain HTTP: one certificate that signs nothing will do.
process.env.SSL_CERT_FILE ??= resolve('fixtures/signs-nothing.pem');
process.env.SSL_CERT_DIR ??= resolve('fixtures/no-such-folder');
