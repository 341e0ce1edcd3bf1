"""Places of requests in which no customer key belongs."""

from support.raw import ALGORITHM, SSE, SSE_C_KEY

KMS_KEY, CONTEXT = f"{SSE}-aws-kms-key-id", f"{SSE}-context"
SOURCE = "x-amz-copy-source"
# {} is the key.
HEADERS = [
    {SSE: "{}"}, {SSE: "aws:kms", KMS_KEY: "{}"}, {SSE: "aws:kms", KMS_KEY: "alias/{}"}, {KMS_KEY: "{}"},
    {SSE: "aws:kms", KMS_KEY: "arn:aws:kms:us-east-1:000000000000:key/{}"}, {CONTEXT: "{}"},
    {SSE: "aws:kms", CONTEXT: "{}"}, {SSE: "aws:kms", f"{SSE}-bucket-key-enabled": "{}"}, {f"{SSE}-rubbish": "{}"},
    {f"{SSE}-customer-algorithm": "{}"}, {f"{SSE}-customer-key-MD5": "{}"}, {SSE_C_KEY: "{}"},
    {SOURCE: "bucket/kept", f"{SOURCE}-server-side-encryption-customer-key": "{}"},
    {SOURCE: "bucket/kept", f"{SOURCE}-server-side-encryption-customer-algorithm": "{}"},
    {SOURCE: "{}"}, {SOURCE: "{}/kept"}, {SOURCE: "bucket/kept?versionId={}"}, {SOURCE: "bucket/kept?{}"},
    {SOURCE: "bucket/kept", f"{SOURCE}-range": "{}"}, {SOURCE: "bucket/kept", f"{SOURCE}-if-match": "{}"},
    {SOURCE: "bucket/kept", f"{SOURCE}-if-modified-since": "{}"}, {SOURCE: "bucket/kept", "x-amz-metadata-directive": "{}"},
    {SOURCE: "bucket/kept", "x-amz-tagging-directive": "{}"}, {"x-amz-source-expected-bucket-owner": "{}"},
    {"x-amz-meta-key": "{}"}, {"x-amz-meta-{}": "1"}, {"x-amz-tagging": "{}"}, {"x-amz-tagging": "a={}"},
    {"x-amz-storage-class": "{}"}, {"x-amz-acl": "{}"}, {"x-amz-grant-read": "id={}"}, {"x-amz-grant-full-control": "{}"},
    {"x-amz-object-ownership": "{}"}, {"x-amz-bucket-object-lock-enabled": "{}"}, {"x-amz-bypass-governance-retention": "{}"},
    {"x-amz-object-lock-mode": "{}"}, {"x-amz-object-lock-retain-until-date": "{}"}, {"x-amz-object-lock-legal-hold": "{}"},
    {"x-amz-checksum-sha256": "{}"}, {"x-amz-checksum-crc32": "{}"}, {"x-amz-checksum-algorithm": "{}"},
    {"x-amz-checksum-type": "{}"}, {"x-amz-checksum-mode": "{}"}, {"x-amz-sdk-checksum-algorithm": "{}"},
    {"x-amz-trailer": "{}"}, {"x-amz-decoded-content-length": "{}"}, {"x-amz-expected-bucket-owner": "{}"},
    {"x-amz-request-payer": "{}"}, {"x-amz-mfa": "{}"}, {"x-amz-security-token": "{}"}, {"x-amz-object-attributes": "{}"},
    {"x-amz-max-parts": "{}"}, {"x-amz-part-number-marker": "{}"}, {"x-amz-optional-object-attributes": "{}"},
    {"x-amz-website-redirect-location": "{}"}, {"x-amz-website-redirect-location": "/{}"}, {"x-amz-mp-object-size": "{}"},
    {"x-amz-write-offset-bytes": "{}"}, {"x-amz-if-match-size": "{}"}, {"x-amz-rubbish": "{}"}, {"x-amz-{}": "1"},
    {"{}": "1"}, {"Content-MD5": "{}"}, {"Content-Type": "{}"}, {"Content-Type": "text/{}"}, {"Content-Encoding": "{}"},
    {"Content-Disposition": "{}"}, {"Content-Language": "{}"}, {"Cache-Control": "{}"}, {"Expires": "{}"},
    {"User-Agent": "{}"}, {"Referer": "{}"}, {"Origin": "{}"}, {"Range": "{}"}, {"Range": "bytes={}"}, {"If-Match": "{}"},
    {"If-None-Match": '"{}"'}, {"If-Modified-Since": "{}"}, {"If-Range": "{}"}, {"Expect": "{}"}, {"TE": "{}"},
    {"Connection": "{}"}, {"Upgrade": "{}"}, {"Cookie": "{}"}, {"Via": "{}"}, {"X-Forwarded-For": "{}"},
    {"X-Forwarded-Proto": "{}"}, {"Forwarded": "for={}"}, {"Date": "{}"},
]  # fmt: skip
REQUESTS = [("PUT", "/bucket/new", ""), ("GET", "/bucket/kept", ""), ("POST", "/bucket/new", "uploads=")]
# Sent by turns, each header with one of them.
MORE_REQUESTS = [
    ("HEAD", "/bucket/kept", ""), ("DELETE", "/bucket/gone", ""), ("PUT", "/another", ""), ("GET", "/bucket", ""),
    ("POST", "/bucket/new", "uploadId=x"), ("PUT", "/bucket/new", "partNumber=1&uploadId=x"), ("GET", "/", ""),
    ("GET", "/bucket/kept", "attributes="), ("GET", "/bucket/kept", "tagging="), ("PUT", "/bucket/kept", "retention="),
]  # fmt: skip
QUERIES = [
    "versionId={}", "uploadId={}", "partNumber=1&uploadId={}", "partNumber={}", "x-id={}", "{}", "{}=", "tagging={}",
    f"{SSE}-customer-key={{}}", f"{SSE}-customer-algorithm={{}}", f"{KMS_KEY}={{}}", f"{SSE}={{}}", f"{CONTEXT}={{}}",
    "x-amz-meta-a={}", "x-amz-tagging={}", "x-amz-acl={}", "x-amz-expected-bucket-owner={}", "x-amz-security-token={}",
    "response-content-type={}", "response-expires={}", "response-cache-control={}", "response-rubbish={}",
    "prefix={}", "delimiter={}", "marker={}", "max-keys={}", "encoding-type={}", "list-type={}", "rubbish={}",
    "list-type=2&continuation-token={}", "list-type=2&start-after={}", "list-type=2&fetch-owner={}",
    "uploads=&key-marker={}", "uploads=&upload-id-marker={}", "uploads=&max-uploads={}", "uploads=&prefix={}",
    "versions=&key-marker={}", "versions=&key-marker=a&version-id-marker={}", "versions=&prefix={}",
    "uploadId=x&max-parts={}", "uploadId=x&part-number-marker={}", "inventory=&id={}", "analytics=&id={}",
    "AWSAccessKeyId={}&Signature=a&Expires=1", "AWSAccessKeyId=a&Signature={}&Expires=1",
]  # fmt: skip
PRESIGNED = ["Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature", "Security-Token"]
AUTHORIZATIONS = [
    "{}", "Bearer {}", "Basic {}", "AWS {}:a", "AWS a:{}", f"{ALGORITHM} {{}}", f"{ALGORITHM} Credential={{}}",
    f"{ALGORITHM} Credential={{}}/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=00",
    f"{ALGORITHM} Credential=a/20260101/{{}}/s3/aws4_request, SignedHeaders=host, Signature=00",
    f"{ALGORITHM} Credential=a/20260101/us-east-1/s3/aws4_request, SignedHeaders={{}}, Signature=00",
    f"{ALGORITHM} Credential=a/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature={{}}",
    f"{ALGORITHM}-{{}} Credential=a/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=00",
]  # fmt: skip
# By sub-resource, with the method and the level. The key replaces each text in turn, and is put beside each element.
DOCUMENTS = [
    ("PUT", "/bucket", "encryption", "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>"
     "<SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID>none</KMSMasterKeyID></ApplyServerSideEncryptionByDefault>"
     "<BucketKeyEnabled>true</BucketKeyEnabled></Rule></ServerSideEncryptionConfiguration>"),
    ("PUT", "/bucket", "versioning", "<VersioningConfiguration><Status>Suspended</Status><MfaDelete>Disabled</MfaDelete>"
     "</VersioningConfiguration>"),
    ("PUT", "/bucket", "tagging", "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>"),
    ("PUT", "/bucket/kept", "tagging", "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>"),
    ("PUT", "/bucket", "cors", "<CORSConfiguration><CORSRule><ID>i</ID><AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET"
     "</AllowedMethod><AllowedHeader>a</AllowedHeader><ExposeHeader>b</ExposeHeader><MaxAgeSeconds>1</MaxAgeSeconds>"
     "</CORSRule></CORSConfiguration>"),
    ("PUT", "/bucket", "lifecycle", "<LifecycleConfiguration><Rule><ID>i</ID><Filter><And><Prefix>p</Prefix><Tag><Key>a"
     "</Key><Value>b</Value></Tag></And></Filter><Status>Enabled</Status><Expiration><Days>9</Days></Expiration>"
     "</Rule></LifecycleConfiguration>"),
    ("PUT", "/bucket", "object-lock", "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule>"
     "<DefaultRetention><Mode>GOVERNANCE</Mode><Days>1</Days></DefaultRetention></Rule></ObjectLockConfiguration>"),
    ("PUT", "/bucket", "publicAccessBlock", "<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls>"
     "</PublicAccessBlockConfiguration>"),
    ("PUT", "/bucket", "ownershipControls", "<OwnershipControls><Rule><ObjectOwnership>BucketOwnerEnforced"
     "</ObjectOwnership></Rule></OwnershipControls>"),
    ("PUT", "/bucket", "acl", '<AccessControlPolicy><Owner><ID>o</ID></Owner><AccessControlList><Grant><Grantee '
     'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser"><ID>o</ID></Grantee><Permission>'
     "READ</Permission></Grant></AccessControlList></AccessControlPolicy>"),
    ("PUT", "/bucket", "requestPayment", "<RequestPaymentConfiguration><Payer>BucketOwner</Payer>"
     "</RequestPaymentConfiguration>"),
    ("PUT", "/bucket", "accelerate", "<AccelerateConfiguration><Status>Suspended</Status></AccelerateConfiguration>"),
    ("PUT", "/bucket", "logging", "<BucketLoggingStatus><LoggingEnabled><TargetBucket>b</TargetBucket><TargetPrefix>p"
     "</TargetPrefix></LoggingEnabled></BucketLoggingStatus>"),
    ("PUT", "/bucket", "notification", "<NotificationConfiguration><QueueConfiguration><Id>i</Id><Queue>q</Queue><Event>"
     "s3:ObjectCreated:*</Event></QueueConfiguration></NotificationConfiguration>"),
    ("PUT", "/bucket", "website", "<WebsiteConfiguration><IndexDocument><Suffix>i</Suffix></IndexDocument>"
     "</WebsiteConfiguration>"),
    ("PUT", "/bucket", "replication", "<ReplicationConfiguration><Role>r</Role></ReplicationConfiguration>"),
    ("PUT", "/another", "", "<CreateBucketConfiguration><LocationConstraint>us-east-1</LocationConstraint><Tags><Tag>"
     "<Key>a</Key><Value>b</Value></Tag></Tags></CreateBucketConfiguration>"),
    ("POST", "/bucket", "delete", "<Delete><Object><Key>gone</Key><VersionId>null</VersionId><ETag>e</ETag><Size>1</Size>"
     "</Object><Quiet>false</Quiet></Delete>"),
    ("PUT", "/bucket/kept", "retention", "<Retention><Mode>GOVERNANCE</Mode><RetainUntilDate>2030-01-01T00:00:00Z"
     "</RetainUntilDate></Retention>"),
    ("PUT", "/bucket/kept", "legal-hold", "<LegalHold><Status>OFF</Status></LegalHold>"),
    ("PUT", "/bucket/kept", "acl", "<AccessControlPolicy><Owner><ID>o</ID></Owner></AccessControlPolicy>"),
    ("PUT", "/bucket/kept", "encryption", "<ObjectEncryption><SSE-KMS><KMSKeyArn>none</KMSKeyArn></SSE-KMS>"
     "</ObjectEncryption>"),
    ("POST", "/bucket/new", "uploadId", "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>e</ETag>"
     "<ChecksumSHA256>c</ChecksumSHA256></Part></CompleteMultipartUpload>"),
    ("POST", "/bucket/kept", "restore", "<RestoreRequest><Days>1</Days></RestoreRequest>"),
]  # fmt: skip
POLICY = {
    "Version": "2012-10-17", "Id": "i", "Statement": [{
        "Sid": "s", "Effect": "Deny", "Principal": {"AWS": "arn:aws:iam::000000000000:root"}, "Action": "s3:PutObject",
        "Resource": "arn:aws:s3:::bucket/x", "Condition": {"StringEquals": {"s3:prefix": "p"}},
    }],
}  # fmt: skip
