"""The templates of `infra/`, made into stacks by engines that nobody here wrote."""

import json

import templates
from waiting import wait_for

HOME, REPLICA = "us-east-1", "us-west-2"

# In the order of infra/README.md.
PARAMETERS = {
    ("copies", REPLICA): {},
    ("copies", HOME): {"ReplicaRegion1": REPLICA},
    ("source", HOME): {},
    ("control-table", HOME): {},
    ("service", HOME): {
        "VpcId": "vpc-00000001", "ServiceSubnetIds": "subnet-00000001,subnet-00000002",
        "LoadBalancerSubnetIds": "subnet-00000001,subnet-00000002", "Image": "image", "LiveTable": "orders",
        "ConfigurationSecretArn": "arn:aws:secretsmanager:us-east-1:000000000000:secret:data-restore-abcdef",
        "CertificateArn": "arn:aws:acm:us-east-1:000000000000:certificate/0",
    },
    ("account", HOME): {"ServiceRoleArn": "arn:aws:iam::444455556666:role/data-restore-task", "ExternalId": "service"},
    ("readers", HOME): {"TrustedPrincipalArns": "arn:aws:iam::444455556666:root", "ExternalId": "customer"},
}  # fmt: skip

# What an engine does not make, and why. MiniStack refuses a stack that has it, so it is taken out of the template;
# LocalStack says that it made it, and it is nowhere.
NOT_MADE = {
    "ministack": {
        "AWS::Backup::BackupSelection": "it does not know it",
        "AWS::Logs::MetricFilter": "it does not know it",
        "AWS::ECS::Service": "it would start containers, and stumbles over a count that comes from a parameter",
        "alarms that add metrics up": "it does not know them",
    },
    "localstack": {
        "control-table": "its DynamoDB is DynamoDB Local, which it downloads when it is first used",
        "AWS::Backup::BackupPlan": "AWS Backup is none of its core",
        "AWS::Backup::BackupSelection": "AWS Backup is none of its core",
        "AWS::Backup::BackupVault": "AWS Backup is none of its core",
        "AWS::ECS::Cluster": "ECS is none of its core",
        "AWS::ECS::Service": "ECS is none of its core",
        "AWS::ECS::TaskDefinition": "ECS is none of its core",
        "AWS::ElasticLoadBalancingV2::Listener": "load balancers are none of its core",
        "AWS::ElasticLoadBalancingV2::ListenerRule": "load balancers are none of its core",
        "AWS::ElasticLoadBalancingV2::LoadBalancer": "load balancers are none of its core",
        "AWS::ElasticLoadBalancingV2::TargetGroup": "load balancers are none of its core",
        "AWS::Logs::MetricFilter": "its CloudFormation has none",
    },
}

# What it leaves out of a bucket and of a queue that it makes.
NOT_KEPT = {
    "ministack": {
        "BucketEncryption", "LifecycleConfiguration", "PublicAccessBlockConfiguration", "ReplicationConfiguration",
        "Policy", "RedrivePolicy",
    },
    "localstack": {"BucketEncryption", "LifecycleConfiguration", "ReplicationConfiguration"},
}  # fmt: skip

# What LocalStack calls what it did not make.
NOWHERE = "unknown"


def known(engine, name):
    """The template without what MiniStack refuses."""
    template = templates.read(name)
    if engine != "ministack":
        return template
    left_out = [
        logical
        for logical, resource in template["Resources"].items()
        if resource["Type"] in NOT_MADE[engine] or (resource["Type"] == "AWS::CloudWatch::Alarm" and "Metrics" in resource["Properties"])
    ]
    for logical in left_out:
        del template["Resources"][logical]
    return template


class Stacks:
    """Outputs and resources of every stack that an engine makes."""

    def __init__(self, engine, peer):
        self.engine, self.peer = engine, peer
        self.account = peer.client("sts", HOME).get_caller_identity()["Account"]
        self.made = {(name, region): self._make(name, region) for name, region in PARAMETERS if name not in NOT_MADE[engine]}

    def outputs(self, name, region=HOME):
        return self.made[name, region][0]

    def resources(self, name, region=HOME):
        """Physical ids by logical ones."""
        return self.made[name, region][1]

    def ours(self, name, region=HOME):
        """The same stack as our own reader has it."""
        return templates.Stack(name, region, self.account, **PARAMETERS[name, region])

    def _make(self, name, region):
        cloudformation = self.peer.client("cloudformation", region)
        cloudformation.create_stack(
            StackName=name,
            TemplateBody=json.dumps(known(self.engine, name)),
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in PARAMETERS[name, region].items()],
            Capabilities=["CAPABILITY_NAMED_IAM"],
        )

        def ended():
            (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
            return None if stack["StackStatus"].endswith("_IN_PROGRESS") else stack

        stack = wait_for(f"stack {name} in {region} is made", ended, 120)
        events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
        assert stack["StackStatus"] == "CREATE_COMPLETE", [event for event in events if "FAILED" in event["ResourceStatus"]]
        resources = cloudformation.describe_stack_resources(StackName=name)["StackResources"]
        return (
            {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])},
            {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in resources},
        )
