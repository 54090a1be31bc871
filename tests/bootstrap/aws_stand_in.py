"""The two AWS CLI commands that the script uses, in a twentieth of the CLI's starting time.

Words and exit statuses are those of the CLI, 2.x; ``test_aws_cli.py`` compares them with the real
one where it is installed.
"""

import argparse
import http.client
import os
import sys
from urllib.parse import quote, urlsplit

NAMES = {403: "Forbidden", 404: "Not Found", 503: "Slow Down"}


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--cli-connect-timeout", type=int)
    parser.add_argument("--cli-read-timeout", type=int)
    services = parser.add_subparsers(required=True)
    s3api = services.add_parser("s3api").add_subparsers(required=True)
    head = s3api.add_parser("head-object")
    head.add_argument("--bucket", required=True)
    head.add_argument("--key", required=True)
    head.add_argument("--query", choices=["ContentLength"], required=True)
    head.add_argument("--output", choices=["text"], required=True)
    head.set_defaults(run=head_object)
    copy = services.add_parser("s3").add_subparsers(required=True).add_parser("cp")
    copy.add_argument("--only-show-errors", action="store_true", required=True)
    copy.add_argument("uri")
    copy.add_argument("file")
    copy.set_defaults(run=copy_object)
    arguments = parser.parse_args()
    try:
        status: int = arguments.run(arguments)
    except ConnectionRefusedError:
        url = os.environ["AWS_ENDPOINT_URL"]
        sys.stderr.write(f'\nCould not connect to the endpoint URL: "{url}"\n')
        return 255
    return status


def ask(method: str, bucket: str, key: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection(urlsplit(os.environ["AWS_ENDPOINT_URL"]).netloc)
    connection.request(method, f"/{bucket}/{quote(key)}")
    return connection.getresponse()


def head_object(arguments: argparse.Namespace) -> int:
    response = ask("HEAD", arguments.bucket, arguments.key)
    if response.status != 200:
        return refused("", response.status, "HeadObject", 254)
    sys.stdout.write(response.headers["Content-Length"] + "\n")
    return 0


def copy_object(arguments: argparse.Namespace) -> int:
    bucket, _, key = arguments.uri.removeprefix("s3://").partition("/")
    response = ask("GET", bucket, key)
    failed = f"download failed: {arguments.uri} to {arguments.file} "
    if response.status != 200:
        return refused(failed, response.status, "GetObject", 1)
    try:
        with open(arguments.file, "wb") as file:  # noqa: PTH123 (pathlib takes long to import)
            file.write(response.read())
    except (http.client.IncompleteRead, OSError) as error:
        os.unlink(arguments.file)  # noqa: PTH108
        sys.stderr.write(f"{failed}{error}\n")
        return 1
    return 0


def refused(start: str, status: int, operation: str, code: int) -> int:
    problem = f"An error occurred ({status}) when calling the {operation} operation"
    sys.stderr.write(f"\n{start}{problem}: {NAMES.get(status, 'Unknown')}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
