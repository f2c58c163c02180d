import 'reflect-metadata';

export {
  AuthenticationError,
  CodexError,
  CodexNotFoundError,
  MissingApiKeyError,
  RequestError,
  TransportError,
  ValidationError,
} from './errors.js';
