import software.amazon.dynamodb.services.local.main.ServerRunner;

/** Starts DynamoDB Local on the loopback interface: it has no option for that, and binds every interface by default. */
class DynamoDbLocalOnLoopback {
    public static void main(String[] arguments) throws Exception {
        var proxy = ServerRunner.createServerFromCommandLineArgs(arguments);
        var field = proxy.getClass().getDeclaredField("server");
        field.setAccessible(true);
        var server = (org.eclipse.jetty.server.Server) field.get(proxy);
        for (var connector : server.getConnectors()) {
            ((org.eclipse.jetty.server.ServerConnector) connector).setHost("127.0.0.1");
        }
        proxy.start();
    }
}
