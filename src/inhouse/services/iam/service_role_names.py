"""How services spell their names in their service-linked roles.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html
leads to each service's page, which names its role.
"""

from __future__ import annotations

_SCALING = ".application-autoscaling"
_SCALED = {
    "appstream": "AppStreamFleet",
    "cassandra": "CassandraTable",
    "comprehend": "ComprehendEndpoint",
    "custom-resource": "CustomResource",
    "dynamodb": "DynamoDBTable",
    "ec2": "EC2SpotFleetRequest",
    "ecs": "ECSService",
    "elasticache": "ElastiCacheRG",
    "kafka": "KafkaCluster",
    "lambda": "LambdaConcurrency",
    "rds": "RDSCluster",
    "sagemaker": "SageMakerEndpoint",
}
_SPELLED = {
    "access-analyzer": "AccessAnalyzer",
    "autoscaling": "AutoScaling",
    "cloudtrail": "CloudTrail",
    "ecs": "ECS",
    "eks": "AmazonEKS",
    "eks-fargate": "AmazonEKSForFargate",
    "eks-nodegroup": "AmazonEKSNodegroup",
    "elasticache": "ElastiCache",
    "elasticbeanstalk": "ElasticBeanstalk",
    "elasticloadbalancing": "ElasticLoadBalancing",
    "globalaccelerator": "GlobalAccelerator",
    "guardduty": "AmazonGuardDuty",
    "lex": "LexBots",
    "lexv2": "LexV2Bots",
    "managedupdates.elasticbeanstalk": "ElasticBeanstalkManagedUpdates",
    "opensearchservice": "AmazonOpenSearchService",
    "ops.apigateway": "APIGateway",
    "rds": "RDS",
    "replicator.lambda": "LambdaReplicator",
    "securityhub": "SecurityHub",
    "spot": "EC2Spot",
    "spotfleet": "EC2SpotFleet",
    "ssm": "AmazonSSM",
    "sso": "SSO",
    "transitgateway": "VPCTransitGateway",
    "trustedadvisor": "TrustedAdvisor",
}


def spelled(service: str) -> str:
    """AutoScaling for autoscaling, without amazonaws.com; other first labels are capitalized."""
    scaled = _SCALED.get(service.removesuffix(_SCALING))
    if service.endswith(_SCALING) and scaled is not None:
        return f"ApplicationAutoScaling_{scaled}"
    first = service.partition(".")[0]
    return _SPELLED.get(service) or "".join(word.title() for word in first.split("-"))
