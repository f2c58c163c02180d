import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A private certificate authority, made with openssl in a directory. */
export class CertificateAuthority {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
    const subject = ['-subj', '/CN=codex-threads spec', '-days', '2', '-nodes'];
    const files = ['-keyout', 'ca.key', '-out', 'ca.pem'];
    this.#openssl('req', '-x509', '-newkey', 'rsa:2048', ...files, ...subject);
  }

  /** The path of its certificate. */
  get file(): string {
    return join(this.#directory, 'ca.pem');
  }

  /** Its certificate. */
  get certificate(): string {
    return this.#read('ca.pem');
  }

  /** A certificate for a host name and for 127.0.0.1. */
  issue(host: string): { readonly certificate: string; readonly key: string } {
    const files = ['-keyout', 'host.key', '-out', 'host.csr'];
    this.#openssl('req', '-newkey', 'rsa:2048', ...files, '-nodes', '-subj', `/CN=${host}`);
    writeFileSync(join(this.#directory, 'names'), `subjectAltName=DNS:${host},IP:127.0.0.1\n`);
    const signer = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial'];
    const result = ['-out', 'host.pem', '-days', '2', '-extfile', 'names'];
    this.#openssl('x509', '-req', '-in', 'host.csr', ...signer, ...result);
    return { certificate: this.#read('host.pem'), key: this.#read('host.key') };
  }

  #openssl(...args: readonly string[]): void {
    execFileSync('openssl', args, { stdio: 'ignore', cwd: this.#directory });
  }

  #read(name: string): string {
    return readFileSync(join(this.#directory, name), 'utf8');
  }
}
