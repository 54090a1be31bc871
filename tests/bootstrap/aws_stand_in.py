"""The two AWS CLI commands that the script uses, with a twentieth of the CLI's start-up time.

Messages are the CLI's, and exit statuses are those of its version 2; ``test_aws_cli.py`` uses the
real CLI where it is installed.
"""

import http.client
import os
import sys
from urllib.parse import quote, urlsplit

TIMEOUTS = ["--cli-connect-timeout", "10", "--cli-read-timeout", "60"]
NAMES = {403: "Forbidden", 404: "Not Found", 503: "Slow Down"}


def main() -> int:
    assert sys.argv[1:5] == TIMEOUTS
    command = sys.argv[5:]
    try:
        match command:
            case ["s3api", "head-object", "--bucket", bucket, "--key", key, *rest]:
                assert rest == ["--query", "ContentLength", "--output", "text"]
                return head_object(bucket, key)
            case ["s3", "cp", "--only-show-errors", uri, file]:
                return copy_object(uri, file)
            case _:
                sys.stderr.write(f"unknown command: {command}\n")
                return 252
    except ConnectionRefusedError:
        url = os.environ["AWS_ENDPOINT_URL"]
        sys.stderr.write(f'\nCould not connect to the endpoint URL: "{url}"\n')
        return 255


def request(method: str, bucket: str, key: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection(urlsplit(os.environ["AWS_ENDPOINT_URL"]).netloc)
    connection.request(method, f"/{bucket}/{quote(key)}")
    return connection.getresponse()


def head_object(bucket: str, key: str) -> int:
    response = request("HEAD", bucket, key)
    if response.status != 200:
        return report_error("", response.status, "HeadObject", 254)
    sys.stdout.write(response.headers["Content-Length"] + "\n")
    return 0


def copy_object(uri: str, file: str) -> int:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    response = request("GET", bucket, key)
    failed = f"download failed: {uri} to {file} "
    if response.status != 200:
        return report_error(failed, response.status, "GetObject", 1)
    try:
        with open(file, "wb") as target:  # noqa: PTH123 (pathlib takes long to import)
            target.write(response.read())
    except (http.client.IncompleteRead, OSError) as error:
        os.unlink(file)  # noqa: PTH108
        sys.stderr.write(f"{failed}{error}\n")
        return 1
    return 0


def report_error(start: str, status: int, operation: str, code: int) -> int:
    problem = f"An error occurred ({status}) when calling the {operation} operation"
    sys.stderr.write(f"\n{start}{problem}: {NAMES.get(status, 'Unknown')}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
