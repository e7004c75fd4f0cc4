"""One case for each operation of the embedded AWS: a function of the name that boto3 gives it.

A case calls its operation so that it succeeds and says what is answered, and so that it is refused, with the code and the status that
AWS documents for it: https://docs.aws.amazon.com/, the API reference of each service.
"""
