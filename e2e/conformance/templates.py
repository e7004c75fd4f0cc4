"""CloudFormation templates of `infra/`, resolved for one account and Region as CloudFormation would."""

import fnmatch
import pathlib
import re

import yaml

FOLDER = pathlib.Path(__file__).parents[2] / "infra/cloudformation"
NAMES = sorted(path.stem for path in FOLDER.glob("*.yaml"))

# What stands for AWS::NoValue until it is taken out.
NOTHING = object()


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short forms."""


def _short_form(loader, suffix, node):
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
        if suffix == "GetAtt":
            value = value.split(".", 1)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _short_form)


def read(name):
    """A template as it is written."""
    return yaml.load((FOLDER / f"{name}.yaml").read_text(), _Loader)


class Stack:
    """A template with its parameters' values: `resources` by logical name, and `outputs`."""

    def __init__(self, name, region, account, **parameters):
        template = read(name)
        self.region, self.account = region, account
        unknown = parameters.keys() - template["Parameters"].keys()
        assert not unknown, f"{name} has no parameters {unknown}"
        self.values = {}
        for key, parameter in template["Parameters"].items():
            value = parameters.get(key, parameter.get("Default"))
            assert value is not None, f"{name} needs the parameter {key}"
            lists = parameter["Type"] == "CommaDelimitedList" or parameter["Type"].startswith("List<")
            self.values[key] = str(value).split(",") if lists and not isinstance(value, list) else value
        self.values |= {
            "AWS::Region": region,
            "AWS::AccountId": account,
            "AWS::Partition": "aws",
            "AWS::NoValue": NOTHING,
        }
        self.conditions = template.get("Conditions", {})
        there = {
            key: resource
            for key, resource in template["Resources"].items()
            if "Condition" not in resource or self.holds(resource["Condition"])
        }
        self.types = {key: resource["Type"] for key, resource in there.items()}
        self.written = there
        self.resources = {key: self.resolve(resource.get("Properties", {})) for key, resource in there.items()}
        self.outputs = {key: self.resolve(output["Value"]) for key, output in template.get("Outputs", {}).items()}

    def holds(self, condition):
        """Whether a named condition holds."""
        return self.resolve(self.conditions[condition])

    def resolve(self, value):
        """A value without functions."""
        if isinstance(value, list):
            return [one for one in map(self.resolve, value) if one is not NOTHING]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            ((function, argument),) = value.items()
            if function == "Ref":
                return self.ref(argument)
            if function == "Condition" and isinstance(argument, str):
                return self.holds(argument)
            if function.startswith("Fn::"):
                return self.call(function.removeprefix("Fn::"), argument)
        resolved = {key: self.resolve(one) for key, one in value.items()}
        return {key: one for key, one in resolved.items() if one is not NOTHING}

    def call(self, function, argument):
        """A function's value."""
        if function == "If":
            condition, yes, no = argument
            return self.resolve(yes if self.holds(condition) else no)
        if function == "Sub":
            text, own = argument if isinstance(argument, list) else (argument, {})
            own = self.resolve(own)

            def place(match):
                name = match.group(1)
                if name in own:
                    return str(own[name])
                return str(self.attribute(*name.split(".", 1)) if "." in name else self.ref(name))

            return re.sub(r"\$\{([^}!]+)\}", place, text)
        argument = self.resolve(argument)
        match function:
            case "Equals":
                return str(argument[0]) == str(argument[1])
            case "Not":
                return not argument[0]
            case "Or":
                return any(argument)
            case "And":
                return all(argument)
            case "Join":
                return argument[0].join(argument[1])
            case "Split":
                return argument[1].split(argument[0])
            case "GetAtt":
                return self.attribute(*argument)
        raise AssertionError(f"no function {function}")

    def ref(self, name):
        """What Ref gives: a parameter's value, or a resource's name."""
        if name in self.values:
            return self.values[name]
        properties = self.written[name].get("Properties", {})
        named = {
            "AWS::S3::Bucket": "BucketName",
            "AWS::SQS::Queue": "QueueName",
            "AWS::KMS::Alias": "AliasName",
            "AWS::Backup::BackupVault": "BackupVaultName",
            "AWS::DynamoDB::GlobalTable": "TableName",
            "AWS::Logs::LogGroup": "LogGroupName",
            "AWS::IAM::Role": "RoleName",
        }.get(self.types[name])
        return self.resolve(properties[named]) if named in properties else name

    def attribute(self, name, attribute):
        """What GetAtt gives, where others look at it; else its own name."""
        own = self.ref(name)
        place = f"{self.region}:{self.account}"
        match self.types[name], attribute:
            case "AWS::S3::Bucket", "Arn":
                return f"arn:aws:s3:::{own}"
            case "AWS::SQS::Queue", "Arn":
                return f"arn:aws:sqs:{place}:{own}"
            case "AWS::SQS::Queue", "QueueName":
                return own
            case "AWS::IAM::Role", "Arn":
                return f"arn:aws:iam::{self.account}:role/{own}"
            case "AWS::Events::Rule", "Arn":
                return f"arn:aws:events:{place}:rule/{self.resolve(self.written[name]['Properties']['Name'])}"
            case "AWS::KMS::Key", "Arn":
                return f"arn:aws:kms:{place}:key/{name}"
        return f"{name}.{attribute}"

    def grants(self, role):
        """What a role's own policies allow: (statement, action, resource) each."""
        own = self.resources[role]
        for policy in own.get("Policies", [own]):
            for statement in policy["PolicyDocument"]["Statement"]:
                assert statement["Effect"] == "Allow", statement
                for action in _listed(statement["Action"]):
                    for resource in _listed(statement["Resource"]):
                        yield statement.get("Sid"), action, resource


def _listed(value):
    return value if isinstance(value, list) else [value]


def matches(pattern, text):
    """Whether an ARN matches a pattern of a policy, in which * and ? are wildcards and nothing else is."""
    return fnmatch.fnmatchcase(text, pattern.replace("[", "[[]"))
