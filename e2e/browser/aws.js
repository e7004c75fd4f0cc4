// The embedded AWS from outside: a call of DynamoDB, signed as every AWS tool signs it (Signature Version 4).

import { createHash, createHmac } from 'node:crypto';

const sha256 = (text) => createHash('sha256').update(text).digest('hex');
const hmac = (key, text) => createHmac('sha256', key).update(text).digest();

/** Calls an operation of DynamoDB with what `local-aws.json` says; gives its answer. */
export async function dynamodb(cloud, region, operation, request) {
  const [{ access_key_id: id, secret_access_key: secret }] = cloud.accounts;
  const body = JSON.stringify(request);
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const scope = [time.slice(0, 8), region, 'dynamodb', 'aws4_request'];
  const headers = {
    'content-type': 'application/x-amz-json-1.0',
    host: new URL(cloud.endpoint).host,
    'x-amz-date': time,
    'x-amz-target': `DynamoDB_20120810.${operation}`,
  };
  const signed = Object.keys(headers).join(';');
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}`);
  const canonical = ['POST', '/', '', ...lines, '', signed, sha256(body)].join('\n');
  const toSign = ['AWS4-HMAC-SHA256', time, scope.join('/'), sha256(canonical)].join('\n');
  const signature = hmac(scope.reduce(hmac, `AWS4${secret}`), toSign).toString('hex');
  const { host, ...sent } = headers;
  const authorization = `AWS4-HMAC-SHA256 Credential=${id}/${scope.join('/')}, SignedHeaders=${signed}, Signature=${signature}`;
  const response = await fetch(cloud.endpoint, { method: 'POST', headers: { ...sent, authorization }, body });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${operation} in ${region}: ${response.status} ${JSON.stringify(answer)}`);
  return answer;
}
