/** What a `S3ThreadStore` asks of S3: an `S3` of `@aws-sdk/client-s3` has it. */
export interface S3Api {
  /** Writes an object: always, if there is none (`*`), or over the one with this tag. */
  putObject(input: S3Place & S3Condition & S3Content): Promise<S3Tag>;
  /** Reads an object. */
  getObject(input: S3Place): Promise<S3Object>;
  /** Removes an object. */
  deleteObject(input: S3Place): Promise<unknown>;
  /** Lists objects, a page at a time. */
  listObjectsV2(input: S3ListInput): Promise<S3List>;
  /** Begins an object that comes in parts. */
  createMultipartUpload(input: S3Place): Promise<S3Begun>;
  /** Writes a part. */
  uploadPart(input: S3Place & S3Upload & S3Part & S3Content): Promise<S3Tag>;
  /** Makes the parts an object. */
  completeMultipartUpload(input: S3Place & S3Upload & S3Parts): Promise<unknown>;
  /** Drops the parts. */
  abortMultipartUpload(input: S3Place & S3Upload): Promise<unknown>;
}

/** Where an object is. @inline */
export interface S3Place {
  /** The bucket. */
  Bucket: string;
  /** The name in the bucket. */
  Key: string;
}

/** What an object must be before it is written. @inline */
export interface S3Condition {
  /** The tag that it has. */
  IfMatch?: string;
  /** `*`: there is none. */
  IfNoneMatch?: string;
}

/** What is written. @inline */
export interface S3Content {
  /** The bytes. */
  Body: Buffer;
}

/** Which content an object has. @inline */
export interface S3Tag {
  /** Another one for each content. */
  readonly ETag?: string | undefined;
}

/** An object that was read. @inline */
export interface S3Object extends S3Tag {
  /** A stream of its bytes. */
  readonly Body?: unknown;
}

/** An upload in parts that was begun. @inline */
export interface S3Begun {
  /** Its id. */
  readonly UploadId?: string | undefined;
}

/** An upload in parts. @inline */
export interface S3Upload {
  /** Its id. */
  UploadId: string | undefined;
}

/** One of the parts of an object. @inline */
export interface S3Part {
  /** Its number, from 1. */
  PartNumber: number;
}

/** All parts of an object. @inline */
export interface S3Parts {
  /** What it is made of. */
  MultipartUpload: {
    /** The parts, in order. */
    Parts: (S3Part & S3Tag)[];
  };
}

/** What is listed. @inline */
export interface S3ListInput {
  /** The bucket. */
  Bucket: string;
  /** What the names begin with. */
  Prefix: string;
  /** Where the page begins, or undefined for the first one. */
  ContinuationToken: string | undefined;
}

/** A page of a list. @inline */
export interface S3List {
  /** The objects. */
  readonly Contents?: readonly S3Listed[] | undefined;
  /** Where the next page begins, or undefined after the last one. */
  readonly NextContinuationToken?: string | undefined;
}

/** An object in a list. @inline */
export interface S3Listed {
  /** Its name. */
  readonly Key?: string | undefined;
}
