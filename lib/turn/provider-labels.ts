import { ValidationError } from '../errors.js';
import type { TurnStartParams } from '../protocol/index.js';
import type { Labels } from '../record/labels.js';

/** codex-rs sends them in a header too, and servers commonly refuse headers of 8 KiB. */
const bytesLimit = 4096;

/**
 * The labels as metadata that codex-rs forwards to the model provider with every request of a turn. Each name has the
 * prefix `label.`, to avoid conflicts with the keys of codex-rs.
 *
 * @throws {@link ValidationError} when they are too long for a header
 */
export function providerLabels(
  labels: Labels,
): Pick<TurnStartParams, 'responsesapiClientMetadata'> {
  if (labels.size === 0) return {};
  const metadata = Object.fromEntries([...labels].map(([name, value]) => [`label.${name}`, value]));
  // A non-ASCII character takes six bytes in a header, as an escape.
  const bytes = JSON.stringify(metadata).replaceAll(/[^ -~]/g, '\\u0000').length;
  if (bytes > bytesLimit)
    throw new ValidationError('labels', [
      {
        path: 'labels',
        reason: `are ${bytes} bytes as request metadata, but labelsToProvider sends at most ${bytesLimit}: use fewer or shorter labels`,
      },
    ]);
  return { responsesapiClientMetadata: metadata };
}
