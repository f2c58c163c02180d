/** The S3 interface of an `S3ThreadStore`; an `S3` of `@aws-sdk/client-s3` implements it. */
export interface S3Api {
  /** Writes an object: unconditionally, only if it does not exist (`*`), or only over the one with this tag. */
  putObject(input: S3Place & S3Condition & S3Content): Promise<S3Tag>;
  /** Reads an object. */
  getObject(input: S3Place): Promise<S3Object>;
  /** Removes an object. */
  deleteObject(input: S3Place): Promise<unknown>;
  /** Lists objects, a page at a time. */
  listObjectsV2(input: S3ListInput): Promise<S3List>;
  /** Begins a multipart upload. */
  createMultipartUpload(input: S3Place): Promise<S3Begun>;
  /** Writes a part. */
  uploadPart(input: S3Place & S3Upload & S3Part & S3Content): Promise<S3Tag>;
  /** Completes the multipart upload. */
  completeMultipartUpload(input: S3Place & S3Upload & S3Parts): Promise<unknown>;
  /** Aborts the multipart upload. */
  abortMultipartUpload(input: S3Place & S3Upload): Promise<unknown>;
}

/** The location of an object. @inline */
export interface S3Place {
  /** The bucket. */
  Bucket: string;
  /** The name in the bucket. */
  Key: string;
}

/** The precondition of a write. @inline */
export interface S3Condition {
  /** The required tag. */
  IfMatch?: string;
  /** `*`: the object must not exist. */
  IfNoneMatch?: string;
}

/** The body of a write. @inline */
export interface S3Content {
  /** The bytes. */
  Body: Buffer;
}

/** The version of an object's content. @inline */
export interface S3Tag {
  /** The tag; differs for each content. */
  readonly ETag?: string | undefined;
}

/** An object that was read. @inline */
export interface S3Object extends S3Tag {
  /** A stream of its bytes. */
  readonly Body?: unknown;
}

/** A started multipart upload. @inline */
export interface S3Begun {
  /** Its id. */
  readonly UploadId?: string | undefined;
}

/** A multipart upload. @inline */
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
  /** The content of the upload. */
  MultipartUpload: {
    /** The parts, in order. */
    Parts: (S3Part & S3Tag)[];
  };
}

/** The parameters of a list. @inline */
export interface S3ListInput {
  /** The bucket. */
  Bucket: string;
  /** The prefix of the names. */
  Prefix: string;
  /** The token of the page, or undefined for the first one. */
  ContinuationToken: string | undefined;
}

/** A page of a list. @inline */
export interface S3List {
  /** The objects. */
  readonly Contents?: readonly S3Listed[] | undefined;
  /** The token of the next page, or undefined after the last one. */
  readonly NextContinuationToken?: string | undefined;
}

/** An object in a list. @inline */
export interface S3Listed {
  /** Its name. */
  readonly Key?: string | undefined;
}
