"""Amazon S3: buckets and objects. https://docs.aws.amazon.com/AmazonS3/latest/API/"""

from inhouse.services.s3.service import S3Service

SERVICE = S3Service
