// SPDX-License-Identifier: Apache-2.0
/** Of the Compression Streams standard (WHATWG), which the compiler's library does not declare yet: what the page uses. */
declare class DecompressionStream {
  constructor(format: "deflate" | "deflate-raw" | "gzip");
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<BufferSource>;
}
