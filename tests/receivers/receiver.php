<?php
// A receiver in PHP without a library: php -S 127.0.0.1:PORT receiver.php. With Composer, the specification's own is
// standard-webhooks/standard-webhooks.

function verified(string $secret, string $body): ?string
{
    $id = $_SERVER['HTTP_WEBHOOK_ID'] ?? '';
    $timestamp = $_SERVER['HTTP_WEBHOOK_TIMESTAMP'] ?? '';
    $signatures = $_SERVER['HTTP_WEBHOOK_SIGNATURE'] ?? '';
    if ($id === '' || !ctype_digit($timestamp) || abs(time() - (int) $timestamp) > 300) {
        return null;
    }
    $key = base64_decode(substr($secret, strlen('whsec_')), true);
    $expected = 'v1,' . base64_encode(hash_hmac('sha256', "$id.$timestamp.$body", $key, true));
    foreach (explode(' ', $signatures) as $signature) {
        if (hash_equals($expected, $signature)) {
            return $id;
        }
    }
    return null;
}

// In earnest: a table with a unique column, written in the transaction that books the outcome.
$store = getenv('STORE');
$file = fopen($store, 'c+');
flock($file, LOCK_EX);
$seen = json_decode(stream_get_contents($file) ?: '{}', true);
if ($_SERVER['REQUEST_METHOD'] === 'GET') {
    echo json_encode((object) $seen);
    return;
}
$body = file_get_contents('php://input');
$id = verified(getenv('ADVANCE_WEBHOOK_SECRET'), $body);
if ($id === null) {
    http_response_code(401);
    return;
}
$seen[$id] ??= json_decode($body, true);
rewind($file);
ftruncate($file, 0);
fwrite($file, json_encode((object) $seen));
fflush($file);
http_response_code(204);
