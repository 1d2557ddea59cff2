// A receiver in Java without a library: java receiver.java. With Maven Central at hand, the specification's own is
// com.standardwebhooks:standardwebhooks.

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.StringJoiner;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

class Receiver {
    static final byte[] KEY =
            Base64.getDecoder().decode(System.getenv("ADVANCE_WEBHOOK_SECRET").substring("whsec_".length()));
    // In earnest: a table with a unique column, written in the transaction that books the outcome.
    static final Map<String, String> SEEN = new LinkedHashMap<>();

    static boolean verified(String id, String timestamp, String signatures, byte[] body) throws GeneralSecurityException {
        if (id == null || timestamp == null || signatures == null || !timestamp.matches("[0-9]{1,12}")) {
            return false;
        }
        if (Math.abs(System.currentTimeMillis() / 1000 - Long.parseLong(timestamp)) > 300) {
            return false;
        }
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(KEY, "HmacSHA256"));
        mac.update((id + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8));
        byte[] expected = ("v1," + Base64.getEncoder().encodeToString(mac.doFinal(body))).getBytes(StandardCharsets.UTF_8);
        for (String signature : signatures.split(" ")) {
            if (MessageDigest.isEqual(expected, signature.getBytes(StandardCharsets.UTF_8))) {
                return true;
            }
        }
        return false;
    }

    static synchronized void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            if (exchange.getRequestMethod().equals("GET")) {
                answer(exchange, 200, shown());
                return;
            }
            var head = exchange.getRequestHeaders();
            String id = head.getFirst("webhook-id");
            // The body as it came, not parsed and written again.
            byte[] body = exchange.getRequestBody().readNBytes(1 << 20);
            if (!verified(id, head.getFirst("webhook-timestamp"), head.getFirst("webhook-signature"), body)) {
                answer(exchange, 401, "");
                return;
            }
            SEEN.putIfAbsent(id, new String(body, StandardCharsets.UTF_8));
            answer(exchange, 204, "");
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** Ids and bodies as one object: both came from a sender with the secret, and the ids are letters, digits and _. */
    static String shown() {
        StringJoiner members = new StringJoiner(",", "{", "}");
        SEEN.forEach((id, body) -> members.add("\"" + id + "\":" + body));
        return members.toString();
    }

    static void answer(HttpExchange exchange, int status, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
    }

    public static void main(String[] arguments) throws IOException {
        int port = Integer.parseInt(System.getenv("PORT"));
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);
        server.createContext("/", Receiver::handle);
        server.start();
    }
}
