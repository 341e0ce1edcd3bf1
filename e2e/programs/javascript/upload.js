// Uploads a file with one of two JavaScript libraries, as a program:
//
// CLIENT ENDPOINT CA_FILE ACCESS_KEY SECRET BUCKET KEY FILE [HEADER VALUE]...
//
// It prints the error as the library shows it. Node reads the CA file from NODE_EXTRA_CA_CERTS.

import { createReadStream, statSync } from "node:fs";
import process from "node:process";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { Client } from "minio";

const REGION = "us-east-1";
const SSE = "x-amz-server-side-encryption";

async function withAwsSdk({ endpoint, accessKey, secret, bucket, key, file, headers }) {
  const client = new S3Client({
    endpoint,
    region: REGION,
    forcePathStyle: true,
    maxAttempts: 1,
    credentials: { accessKeyId: accessKey, secretAccessKey: secret },
  });
  await client.send(
    new PutObjectCommand({
      Bucket: bucket,
      Key: key,
      Body: createReadStream(file),
      ContentLength: statSync(file).size,
      SSECustomerAlgorithm: headers[`${SSE}-customer-algorithm`],
      SSECustomerKey: headers[`${SSE}-customer-key`],
      SSECustomerKeyMD5: headers[`${SSE}-customer-key-MD5`],
      ServerSideEncryption: headers[SSE],
      SSEKMSKeyId: headers[`${SSE}-aws-kms-key-id`],
      IfNoneMatch: headers["If-None-Match"],
    }),
  );
}

async function withMinio({ endpoint, accessKey, secret, bucket, key, file, headers }) {
  const { hostname, port } = new URL(endpoint);
  const client = new Client({
    endPoint: hostname,
    port: Number(port),
    useSSL: true,
    region: REGION,
    accessKey,
    secretKey: secret,
    partSize: 64 * 1024 * 1024,
  });
  await client.putObject(bucket, key, createReadStream(file), statSync(file).size, headers);
}

const CLIENTS = { "aws-sdk": withAwsSdk, minio: withMinio };
const [client, endpoint, , accessKey, secret, bucket, key, file, ...pairs] = process.argv.slice(2);
const headers = {};
for (let i = 0; i < pairs.length; i += 2) headers[pairs[i]] = pairs[i + 1];
try {
  await CLIENTS[client]({ endpoint, accessKey, secret, bucket, key, file, headers });
} catch (error) {
  console.error(error.code ?? error.name, error.message);
  process.exit(1);
}
