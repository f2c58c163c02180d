/** A row: the thread of a conversation, and the token that continues it. */
export interface ThreadPlace {
  readonly threadId: string;
  readonly continuation: string;
}

/** The table `conversations (name primary key, thread_id, continuation)`. */
export interface ThreadBook {
  find(conversation: string): Promise<ThreadPlace | null>;
  save(conversation: string, place: ThreadPlace): Promise<void>;
}
