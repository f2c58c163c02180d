import { isRecord } from '../shapes.js';

/** The history that a rollout file continues: the first bytes of the file with this id. */
export interface HistoryBase {
  readonly fileId: string;
  readonly bytes: number;
}

/** Reads `history_base` from the first line of a rollout file; null if it is not valid. */
export function historyBase(value: unknown): HistoryBase | null {
  const { thread_id: fileId, end_byte_offset: bytes } = isRecord(value) ? value : {};
  if (typeof fileId !== 'string' || !Number.isSafeInteger(bytes)) return null;
  return { fileId, bytes: bytes as number };
}
