// The embedded AWS from outside: calls of DynamoDB and S3, signed as every AWS tool signs them (Signature Version 4).

import { createHash, createHmac } from 'node:crypto';

const sha256 = (text) => createHash('sha256').update(text).digest('hex');
const hmac = (key, text) => createHmac('sha256', key).update(text).digest();

/** Calls an operation of DynamoDB with what `local-aws.json` says; gives its answer. */
export async function dynamodb(cloud, region, operation, request) {
  const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `DynamoDB_20120810.${operation}` };
  return JSON.parse(await call(cloud, region, 'dynamodb', { method: 'POST', headers, body: JSON.stringify(request) }));
}

/** The keys of a bucket below a prefix. */
export async function keys(cloud, region, bucket, prefix) {
  const query = `list-type=2&prefix=${encodeURIComponent(prefix)}`;
  const listing = await call(cloud, region, 's3', { method: 'GET', path: `/${bucket}`, query });
  return [...listing.matchAll(/<Key>([^<]+)<\/Key>/g)].map(([, key]) => key);
}

/** Deletes an object. */
export async function deleteObject(cloud, region, bucket, key) {
  const path = `/${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`;
  await call(cloud, region, 's3', { method: 'DELETE', path });
}

async function call(cloud, region, service, { method, path = '/', query = '', headers = {}, body = '' }) {
  const [{ access_key_id: id, secret_access_key: secret }] = cloud.accounts;
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const scope = [time.slice(0, 8), region, service, 'aws4_request'];
  const sent = { ...headers, 'x-amz-content-sha256': sha256(body), 'x-amz-date': time };
  const all = Object.entries({ ...sent, host: new URL(cloud.endpoint).host }).sort(([left], [right]) => (left < right ? -1 : 1));
  const signed = all.map(([name]) => name).join(';');
  const canonical = [method, path, query, ...all.map(([name, value]) => `${name}:${value}`), '', signed, sha256(body)].join('\n');
  const toSign = ['AWS4-HMAC-SHA256', time, scope.join('/'), sha256(canonical)].join('\n');
  const signature = hmac(scope.reduce(hmac, `AWS4${secret}`), toSign).toString('hex');
  const authorization = `AWS4-HMAC-SHA256 Credential=${id}/${scope.join('/')}, SignedHeaders=${signed}, Signature=${signature}`;
  const response = await fetch(`${cloud.endpoint}${path}${query && `?${query}`}`, {
    method,
    headers: { ...sent, authorization },
    body: body || undefined,
  });
  const answer = await response.text();
  if (!response.ok) throw new Error(`${method} ${service} ${path} in ${region}: ${response.status} ${answer}`);
  return answer;
}
