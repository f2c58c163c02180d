/** What a `S3ThreadStore` asks of S3: an `S3` of `@aws-sdk/client-s3` has it. */
export interface S3Api {
  /** Writes an object: always, if there is none (`*`), or over the one with this tag. */
  putObject(input: S3Place & S3Condition & { Body: Buffer }): Promise<S3Tag>;
  /** Reads an object. */
  getObject(input: S3Place): Promise<S3Tag & { readonly Body?: unknown }>;
  /** Removes an object. */
  deleteObject(input: S3Place): Promise<unknown>;
  /** Lists objects, a page at a time. */
  listObjectsV2(input: {
    Bucket: string;
    Prefix: string;
    ContinuationToken: string | undefined;
  }): Promise<{
    readonly Contents?: readonly { readonly Key?: string | undefined }[] | undefined;
    readonly NextContinuationToken?: string | undefined;
  }>;
  /** Begins an object that comes in parts. */
  createMultipartUpload(input: S3Place): Promise<{ readonly UploadId?: string | undefined }>;
  /** Writes a part. */
  uploadPart(input: S3Place & S3Part & { Body: Buffer }): Promise<S3Tag>;
  /** Makes the parts an object. */
  completeMultipartUpload(
    input: S3Place & {
      UploadId: string | undefined;
      MultipartUpload: { Parts: { PartNumber: number; ETag: string | undefined }[] };
    },
  ): Promise<unknown>;
  /** Drops the parts. */
  abortMultipartUpload(input: S3Place & { UploadId: string | undefined }): Promise<unknown>;
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

/** One of the parts of an object. @inline */
export interface S3Part {
  /** The upload that it belongs to. */
  UploadId: string | undefined;
  /** Its number, from 1. */
  PartNumber: number;
}

/** Which content an object has. @inline */
export interface S3Tag {
  /** Another one for each content. */
  readonly ETag?: string | undefined;
}
